// The fragment of the address holds language, view and filters, so that a link or a bookmark opens what was on the screen.
function stateOf(view) {
  const {choice, map} = view, parts = [`lang=${view.language}`], standard = JSON.parse(choice.standard)[0];
  const list = ids => [...ids].map(encodeURIComponent).join(',');
  const {lat, lng} = map.getCenter();
  parts.push(`view=${+map.getZoom().toFixed(2)}/${lat.toFixed(5)}/${lng.toFixed(5)}`);
  const turned = Object.keys(choice.layers).filter(name => choice.layers[name] !== standard[name]);
  if (turned.length) parts.push(`layers=${turned.map(name => (choice.layers[name] ? '' : '-') + name).join(',')}`);
  if (JSON.stringify([...choice.materials]) !== JSON.stringify(JSON.parse(choice.standard)[1])) parts.push(`without=${list(choice.materials)}`);
  if (choice.modes.size) parts.push(`nomode=${list(choice.modes)}`);
  if (choice.organisation) parts.push(`of=${encodeURIComponent(choice.organisation)}`);
  if (choice.least) parts.push(`least=${choice.least}`);
  return parts.join('&');
}

// Takes the state from such a text; what it does not say stays, what nobody knows is passed over.
function restoreState(view, text) {
  const said = new Map(text.replace(/^#/, '').split('&').map(part => part.split('=')).filter(part => part.length === 2));
  const {choice, plan, map} = view, read = word => { try { return decodeURIComponent(word); } catch { return ''; } };
  const list = name => said.get(name).split(',').map(read);
  if (said.has('layers')) {
    for (const word of list('layers')) {
      const name = word.replace(/^-/, '');
      if (name in choice.layers) choice.layers[name] = word === name;
    }
  }
  if (said.has('without')) choice.materials = new Set(list('without').filter(id => plan.materials.some(material => material.id === id)));
  if (said.has('nomode')) choice.modes = new Set(list('nomode').filter(id => plan.modes.some(mode => mode.id === id)));
  if (said.has('of')) choice.organisation = read(said.get('of'));
  if (said.has('least')) choice.least = Math.max(0, Number(said.get('least')) || 0);
  if (said.has('view')) {
    const [zoom, lat, lon] = said.get('view').split('/').map(Number);
    if ([zoom, lat, lon].every(Number.isFinite) && Math.abs(lat) <= 85) map.setView([lat, lon], Math.max(1, Math.min(18, zoom)), {animate: false});
  }
  view.speak(said.has('lang') && view.data.languages[said.get('lang')] ? said.get('lang') : view.language);
}

// Reads the address once, and writes it whenever the reader has changed something; returns what writes it.
function keepAddress(view) {
  let waiting = 0, written = location.hash;
  const write = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      written = '#' + stateOf(view);
      try { history.replaceState(history.state, '', written); } catch { /* a notebook's frame has no address of its own */ }
    }, 250);  // browsers refuse an address that changes too often
  };
  if (written.length > 1) restoreState(view, written);
  window.addEventListener('hashchange', () => { if (location.hash !== written) restoreState(view, location.hash); });
  requestAnimationFrame(() => view.map.on('moveend', write));  // the opening view is no choice of the reader
  return write;
}
