// A lever to move: its value in large, a field to type it in, a slider, marks where the network changes, and buttons that go there.
function makeLever(page, number) {
  const slider = element('input', 'slide'), field = element('input', 'field'), unit = element('span', 'unit'), name = element('label', 'name');
  const marks = element('div', 'marks'), ends = element('div', 'ends'), low = element('span'), high = element('span');
  const lever = () => page.levers[number], value = () => page.point[number], id = `isopt-lever-${number}`;
  const move = (to, settled) => page.go(page.point.map((old, place) => (place === number ? to : old)), settled);
  slider.type = 'range'; slider.step = 'any'; slider.id = id;
  field.type = 'text'; field.inputMode = 'decimal'; field.id = id + '-value'; field.autocomplete = 'off';
  name.htmlFor = field.id;
  slider.addEventListener('input', () => move(Number(slider.value), false));
  slider.addEventListener('change', () => page.settle());
  slider.addEventListener('keydown', event => {
    const to = steered(page, number, event);
    if (to === null) return;
    event.preventDefault();
    move(to, false);
    page.settle();
  });
  const read = () => {
    if (field.value === leverDigits(lever(), value(), true)) return;  // as it stands there, rounded: nobody typed it
    const typed = typedNumber(field.value);
    if (Number.isFinite(typed)) move(typed, true);
    show();
  };
  field.addEventListener('change', read);
  field.addEventListener('keydown', event => { if (event.key === 'Enter') { read(); field.select(); } });
  field.addEventListener('focus', () => field.select());

  const jump = step => button('', 'jump', () => {
    const to = neighbour(page, step);
    if (to !== null) move(to, true);
  });
  const back = jump(-1), on = jump(1);
  const track = element('div', 'track', marks, slider, element('div', 'ends', low, high));
  ends.append(low, high);
  track.append(ends);
  const box = element('div', 'lever', element('div', 'value', name, element('div', 'number', field, unit)), number ? null : back, track, number ? null : on);

  const show = () => {
    const here = lever();
    if (!here) return;  // the second one rests
    slider.min = here.low; slider.max = here.high; slider.value = value();
    slider.setAttribute('aria-valuetext', words('value_text', {value: leverValue(here, value()), network: networkWords(page, page.cell)}));
    const digits = leverDigits(here, value(), true);
    field.value = digits;
    field.style.width = `${Math.max(4, digits.length) + .6}ch`;
    if (number) return;
    for (const [step, where] of [[-1, back], [1, on]]) {
      const to = neighbour(page, step);
      where.disabled = to === null;
      where.textContent = step < 0 ? '‹' : '›';
      const told = to === null ? words(step < 0 ? 'no_previous' : 'no_next') : words(step < 0 ? 'previous' : 'next', {value: leverValue(here, to)});
      where.title = told; where.setAttribute('aria-label', told);
    }
  };
  page.onCells(() => {
    const here = lever();
    if (!here) return;
    const share = at => `calc(${((at - here.low) / (here.high - here.low) * 100).toFixed(4)}% - 1px)`;
    marks.replaceChildren(...(number ? [] : page.cells.slice(1)).map(cell => { const mark = element('i'); mark.style.left = share(cell.low); return mark; }));
    if (here.today !== null && here.today >= here.low && here.today <= here.high) {
      const today = element('b', '', words('today'));
      today.style.left = share(here.today);
      marks.append(today);
    }
    name.textContent = leverName(here); unit.textContent = here.unit;
    low.textContent = leverValue(here, here.low); high.textContent = leverValue(here, here.high);
    slider.setAttribute('aria-label', words('slider', {name: leverName(here)}));
  });
  page.onShow(show);
  return box;
}

// The value that a key on the slider goes to; null for any other key.
function steered(page, number, event) {
  const lever = page.levers[number], value = page.point[number], step = rounded((lever.high - lever.low) / 250), up = {ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1}[event.key];
  const onGrid = (direction, size) => (direction > 0 ? Math.floor(value / size + 1e-6) + 1 : Math.ceil(value / size - 1e-6) - 1) * size;
  if (event.altKey || event.ctrlKey || event.metaKey) return null;
  if (up && event.shiftKey && number === 0) { const to = neighbour(page, up); return to === null ? value : to; }
  if (up) return onGrid(up, step);
  if (event.key === 'PageUp') return onGrid(1, 10 * step);
  if (event.key === 'PageDown') return onGrid(-1, 10 * step);
  return event.key === 'Home' ? lever.low : event.key === 'End' ? lever.high : null;
}

// The next value upwards or downwards at which the network changes; null where there is none.
function neighbour(page, step) {
  const {cells, point} = page, lever = page.levers[0], near = EDGE * (lever.high - lever.low);
  const breaks = cells.slice(1).map(cell => cell.low).filter(at => (step > 0 ? at > point[0] + near : at < point[0] - near));
  return breaks.length ? (step > 0 ? breaks[0] : breaks[breaks.length - 1]) : null;
}
