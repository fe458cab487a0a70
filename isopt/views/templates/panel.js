// The panel: what the plan is, what the signs mean, what is shown.
function makePanel(view) {
  const {map} = view, all = element('div', 'isopt-panel'), unfold = button('', 'isopt-fold', () => toggle(true));
  all.id = 'isopt-panel';
  all.setAttribute('role', 'complementary');
  all.tabIndex = -1;
  const toggle = (open, focus = true) => {
    all.hidden = !open; unfold.hidden = open;
    if (focus) (open ? all.querySelector('.fold') : unfold).focus();
    if (view.layer._map) view.layer.redraw();
  };
  toggle(map.getSize().x > 640, false);
  view.panel = all;
  view.makeRoom = () => { if (map.getSize().x <= 640 && !all.hidden) toggle(false, false); };  // on a phone the panel lies over what was looked for
  view.panelShows = () => fillPanel(view, all, () => toggle(false));
  view.speaks(() => { unfold.textContent = TEXT.show_panel; all.setAttribute('aria-label', TEXT.legend); view.panelShows(); });
  for (const stop of [L.DomEvent.disableClickPropagation, L.DomEvent.disableScrollPropagation]) { stop(all); stop(unfold); }
  const control = L.control({position: 'topright'});
  control.onAdd = () => element('div', '', all, unfold);
  control.addTo(map);
}

// Written anew for another plan and another language; where the reader was (focus, scroll, opened parts) stays.
function fillPanel(view, all, fold) {
  const focus = document.activeElement && all.contains(document.activeElement) ? document.activeElement.id : '', scroll = all.scrollTop;
  const open = new Set([...all.querySelectorAll('details[open]')].map(part => part.id));
  const cross = button('×', 'fold', fold);
  cross.title = TEXT.hide_panel; cross.setAttribute('aria-label', TEXT.hide_panel);
  const details = (id, words, ...content) => {
    const part = element('details', '', element('summary', '', words), ...content);
    part.id = id; part.open = open.has(id);
    return part;
  };
  all.replaceChildren(...planHead(view, cross), element('div', 'screen', searchField(view)), ...materialKeys(view), ...modeKeys(view),
    element('div', 'folds screen', details('isopt-filter', TEXT.filter, ...filters(view)), details('isopt-layers', TEXT.layers, ...layerSwitches(view)), button(TEXT.print, 'link', () => window.print())), shownLine(view),
    ...symbolKeys(view), ...widthKeys(view));
  all.scrollTop = scroll;
  if (focus && document.getElementById(focus)) document.getElementById(focus).focus();
}

function planHead(view, cross) {
  const {plan, data} = view, said = plan.part.said[view.language], parts = [element('div', 'bar', element('h1', '', data.title), cross), languageLine(view, element('span', `status ${plan.part.status}`, said.status))];
  for (const line of plan.changes ? said.caption : [said.caption.join(' ')]) if (line) parts.push(element('p', '', line));
  for (const line of said.notes) parts.push(element('p', 'note', line));
  if (said.figures.length) {
    parts.push(element('div', 'figures', ...said.figures.map(([label, value]) => element('div', '', element('b', '', value), label))));
  }
  return parts;
}

// How many of the flows the filters leave, and what of it is drawn at this scale.
function shownLine(view) {
  const line = element('p', 'shown');
  line.setAttribute('role', 'status');
  view.panelTells = layer => {
    const {plan, choice} = view, {kept} = layer.detail, parts = [];
    const filtered = choice.organisation.trim() || choice.least || choice.modes.size || JSON.stringify([...choice.materials]) !== JSON.stringify(JSON.parse(choice.standard)[1]);
    if (filtered) parts.push(say(TEXT.shown, {count: whole(kept), all: whole(plan.everyFlow.length)}));
    if (layer.inView > MOST_LINES) parts.push(say(TEXT.widest_only, {count: whole(MOST_LINES), all: whole(layer.inView)}));
    if (line.textContent !== parts.join(' ')) line.textContent = parts.join(' ');
    line.hidden = !parts.length;
  };
  return line;
}

// The line below the title: how good the plan is, and which language the page speaks.
function languageLine(view, status) {
  const line = element('div', 'head', status), codes = Object.entries(view.data.languages);
  if (codes.length > 1) {
    const select = element('select', 'screen');
    select.id = 'isopt-language'; select.title = TEXT.language; select.setAttribute('aria-label', TEXT.language);
    for (const [code, {name}] of codes) {
      const option = element('option', '', name);
      option.value = option.lang = code; option.selected = code === view.language;
      select.append(option);
    }
    select.addEventListener('change', () => view.speak(select.value));
    line.append(select);
  }
  return line;
}
