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
  all.replaceChildren(cross, ...planHead(view), element('div', 'screen', searchField(view)), ...materialKeys(view), ...modeKeys(view),
    element('div', 'screen', details('isopt-filter', TEXT.filter, ...filters(view)), details('isopt-layers', TEXT.layers, ...layerSwitches(view))), shownLine(view),
    ...symbolKeys(view), ...widthKeys(view), footer(view));
  all.scrollTop = scroll;
  if (focus && document.getElementById(focus)) document.getElementById(focus).focus();
}

function planHead(view) {
  const {plan, data} = view, said = plan.part.said[view.language], parts = [element('h1', '', data.title), element('span', `status ${plan.part.status}`, said.status)];
  for (const line of said.caption) parts.push(element('p', '', line));
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
    const {plan, choice} = view, {lines} = layer.detail, kept = lines.reduce((sum, flow) => sum + (flow.flows || [flow]).filter(one => !one.unused).length, 0);
    const parts = [], filtered = choice.organisation.trim() || choice.least || choice.modes.size || choice.materials.size;
    if (filtered) parts.push(say(TEXT.shown, {count: whole(kept), all: whole(plan.everyFlow.length)}));
    if (layer.inView > MOST_LINES) parts.push(say(TEXT.widest_only, {count: whole(MOST_LINES), all: whole(layer.inView)}));
    if (line.textContent !== parts.join(' ')) line.textContent = parts.join(' ');
    line.hidden = !parts.length;
  };
  return line;
}

function footer(view) {
  const select = element('select'), label = element('label', 'language', element('span', 'silent', TEXT.language), select);
  select.id = 'isopt-language';
  for (const [code, {name}] of Object.entries(view.data.languages)) {
    const option = element('option', '', name);
    option.value = option.lang = code; option.selected = code === view.language;
    select.append(option);
  }
  select.addEventListener('change', () => view.speak(select.value));
  const print = button(TEXT.print, 'link', () => window.print());
  return element('div', 'foot screen', Object.keys(view.data.languages).length > 1 && label, print);
}
