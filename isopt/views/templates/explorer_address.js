// The fragment of the address holds the levers' values, language, and what the map shows: a link opens what was on the screen.
function makeAddress(page) {
  let waiting = 0, written = '', restoring = false;
  const mine = () => {
    const parts = [`x=${+page.point[0].toPrecision(12)}`];
    if (page.mode === 'plane') parts.push(`y=${+page.point[1].toPrecision(12)}`);
    return parts.join('&');
  };
  const write = () => {
    waiting = 0;
    const key = `${mine()}&lang=${page.language}`, all = `#${mine()}&${page.view.state()}`;
    if (all === location.hash) return;
    const step = written !== '' && key !== written;  // another value or language is a step that "back" undoes; another view of the map is not
    written = key;
    try { history[step ? 'pushState' : 'replaceState'](null, '', all); } catch { /* a frame without an address of its own */ }
  };
  page.remember = () => { if (!restoring && page.view) { clearTimeout(waiting); waiting = setTimeout(write, 350); } };
  page.settled = () => { if (!restoring && page.view) { clearTimeout(waiting); write(); } };
  const restore = () => {
    clearTimeout(waiting);
    const said = new Map(location.hash.replace(/^#/, '').split('&').map(part => part.split('=')).filter(part => part.length === 2));
    const number = name => { const value = said.has(name) && said.get(name) !== '' ? Number(said.get(name)) : NaN; return Number.isFinite(value) ? value : null; };
    restoring = true;
    const x = number('x'), y = number('y');
    if (page.data.studies.plane && y !== null) page.turn('plane', x === null ? null : [x, y]);
    else page.turn('line', x === null ? null : [x]);
    page.view.restore(location.hash);
    written = `${mine()}&lang=${page.language}`;
    restoring = false;
  };
  window.addEventListener('popstate', restore);
  window.addEventListener('pagehide', () => { if (waiting) { clearTimeout(waiting); write(); } });
  if (location.hash.length > 1) {
    restore();
    page.forget();  // where the page opens is no crossing
  } else written = `${mine()}&lang=${page.language}`;
}
