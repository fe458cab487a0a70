// Language, numbers and elements. Texts of the data only ever become text nodes, never HTML.
let TEXT = {}, LOCALE = 'en-GB';

// Lets everything that is made from now on speak a language: {locale, name, texts}.
function useLanguage(code, told) {
  TEXT = told.texts; LOCALE = told.locale;
  document.documentElement.lang = code;
}

function say(words, values) {
  return words.replace(/\{(\w+)\}/g, (found, name) => values && name in values ? values[name] : found);
}

function plain(value) {
  const size = Math.abs(value), sign = value < 0 ? '−' : '';
  const short = x => x < 1e-9 ? '0' : x >= 99.95 ? Math.round(x).toLocaleString(LOCALE)
    : Number(x.toPrecision(3)).toLocaleString(LOCALE, {maximumFractionDigits: 12});
  if (size >= 999.5e6) return sign + say(TEXT.billion, {number: short(size / 1e9)});
  if (size >= 999500) return sign + say(TEXT.million, {number: short(size / 1e6)});
  const digits = short(size);
  return digits === '0' ? digits : sign + digits;
}

function whole(number) { return number.toLocaleString(LOCALE); }

function perYear(value, unit) { return say(TEXT.per_year, {amount: plain(value), unit}); }

function percent(value) {
  const size = Math.abs(value) * 100;
  if (size > 0 && size < .001) return say(TEXT.tiny, {number: (.001).toLocaleString(LOCALE, {maximumFractionDigits: 3}) + '\u00a0%'});
  const shown = size >= 10 ? Math.round(size) : Number(size.toPrecision(2));
  return `${value < 0 ? '−' : ''}${shown.toLocaleString(LOCALE, {maximumFractionDigits: 12})}\u00a0%`;
}

function element(tag, kind, ...content) {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  made.append(...content.filter(part => part !== undefined && part !== null && part !== ''));
  return made;
}

function button(words, kind, act) {
  const made = element('button', kind, words);
  made.type = 'button';
  made.addEventListener('click', act);
  return made;
}

function rows(pairs) {
  const body = element('tbody');
  for (const [label, value, kind] of pairs) body.append(element('tr', '', element('td', '', label), element('td', kind || '', value)));
  return element('table', '', body);
}

// The largest of what a list's members are, however many there are.
function largestOf(list, of, least = 0) { return list.reduce((most, one) => Math.max(most, of(one) || 0), least); }

// Lower case without accents: how names are looked for.
function folded(words) { return words.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase(); }
