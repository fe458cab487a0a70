// Facilities by a part of their name: a field with a list of what fits, from the keyboard alone too.
const MOST_FOUND = 8;

function found(plan, words) {
  const wanted = folded(words.trim());
  if (!wanted) return [];
  const rank = node => {
    const name = folded(node.name);
    if (name === wanted || node.id === words.trim()) return 0;
    if (name.startsWith(wanted)) return 1;
    if (name.includes(wanted)) return 2;
    return [node.organisation, node.place, node.group, node.id].some(other => other && folded(other).includes(wanted)) ? 3 : 9;
  };
  return plan.nodes.map(node => [rank(node), -(node.size || 0), node]).filter(([place]) => place < 9)
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(row => row[2]);
}

function searchField(view) {
  const field = element('input'), list = element('ul', 'found'), told = element('p', 'silent');
  field.id = 'isopt-search'; field.type = 'search'; field.autocomplete = 'off'; field.placeholder = TEXT.find;
  list.id = 'isopt-found'; list.hidden = true;
  told.setAttribute('role', 'status');
  for (const [name, value] of [['role', 'combobox'], ['aria-label', TEXT.find_label], ['aria-autocomplete', 'list'], ['aria-expanded', 'false'], ['aria-controls', list.id]]) {
    field.setAttribute(name, value);
  }
  list.setAttribute('role', 'listbox'); list.setAttribute('aria-label', TEXT.find_label);
  let nodes = [], active = -1;
  const shut = () => { list.hidden = true; active = -1; field.setAttribute('aria-expanded', 'false'); field.removeAttribute('aria-activedescendant'); };
  const go = node => { shut(); field.value = node.name; view.goTo(node); };
  const mark = place => {
    active = place;
    [...list.children].forEach((line, row) => line.setAttribute('aria-selected', String(row === place)));
    if (place >= 0) field.setAttribute('aria-activedescendant', list.children[place].id); else field.removeAttribute('aria-activedescendant');
  };
  const look = () => {
    const all = view.find(field.value);
    nodes = all.slice(0, MOST_FOUND);
    list.replaceChildren(...nodes.map((node, row) => {
      const more = node.place || node.organisation || (node.kind === 'facility' ? '' : TEXT[`${node.kind}_${node.state}`]);
      const line = element('li', '', node.name, more && element('small', '', more));
      line.id = `isopt-found-${row}`;
      line.setAttribute('role', 'option'); line.setAttribute('aria-selected', 'false');
      line.addEventListener('mousedown', event => { event.preventDefault(); go(node); });
      return line;
    }));
    told.textContent = field.value.trim() ? say(all.length === 1 ? TEXT.found_one : TEXT.found_many, {count: whole(all.length)}) : '';
    if (nodes.length) { list.hidden = false; field.setAttribute('aria-expanded', 'true'); mark(-1); } else shut();
  };
  field.addEventListener('input', look);
  field.addEventListener('blur', shut);
  field.addEventListener('keydown', event => {
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (step && nodes.length) {
      event.preventDefault();
      if (list.hidden) look();
      mark((active + step + nodes.length) % nodes.length);
    } else if (event.key === 'Enter' && nodes.length) { event.preventDefault(); go(nodes[Math.max(0, active)]); }
    else if (event.key === 'Escape' && !list.hidden) { event.stopPropagation(); shut(); }
  });
  return element('div', 'search', field, list, told);
}
