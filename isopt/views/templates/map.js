// The map of a plan in any element of a page; the explorer and the map of differences use it too.
//
//   const view = isoptMap(where, data, options)
//
// where    an element of the page (it needs a height), or a Leaflet map
// data     {title, language, languages, plan, bounds, centre, closest, base, streets, credits}; Python: `isopt.views.map_data.map_data`
//            languages  by code: {name, locale, texts}            plan  what `show` takes, complete
// options  {panel: true, address: true}   without panel: legend, search and filters stay out; without address: the page remembers
//            the view by itself. A map that fills the window prints itself on one sheet, any other prints with its page.
//
// view.show(plan)     draws another plan on the same ground: view, filters, layers, language and panel stay as they are.
//                     plan holds any of: nodes, flows, exchanges, own, bought, left, unused, routes, materials, modes, said, status,
//                     years, changes, hidden, widest ({unit: amount that the widest line stands for}); what it lacks stays
//                     as it was. Python: `isopt.views.map_data.plan_part(solution, …)`. Rows of flows, own, bought, left and unused
//                     refer to nodes, materials, modes and exchanges by their number, so these go together.
//                     said: by language {status, caption: [], notes: [], figures: [[label, value]]}.
// view.speak(code)    changes the language (also of the page: `view.speaks(act)` is told, once at once and at every change)
// view.pick(thing, at, focus)   opens the popup of a node, flow, group or bundle;   view.find(words)  nodes by a part of the name
// view.choice         what is shown: {layers, materials, modes, organisation, least}; after a change of it call view.changed()
// view.map, view.plan, view.layer, view.panel, view.language       the Leaflet map, the plan as drawn, its canvas, the panel's element
// view.state(), view.restore(text)   language, view and filters as text for the address
//
// A page may replace nodePopup, flowPopup and tip by functions of the same names in a script that comes instead of popups.js.
function isoptMap(where, data, options = {}) {
  let remember = () => {};  // until the address is read
  const map = where instanceof L.Map ? where : L.map(where, {attributionControl: true, maxZoom: 18, zoomSnap: .25});
  const box = map.getContainer(), listeners = [], parts = {};
  const view = {
    map, data, options: {panel: true, address: true, ...options}, language: data.language, towns: data.base ? data.base.places : [], panel: null,
    picked: null, over: null, printing: false,
    speaks(act) { listeners.push(act); act(); },
    speak(code) {
      if (!data.languages[code]) return;
      view.language = code;
      useLanguage(code, data.languages[code]);
      map.closePopup();
      for (const act of listeners) act();
      view.changed();
    },
    changed() { view.choice.version++; view.layer.redraw(); remember(); },
    covered: () => coveredBy(map),
    drawn: layer => { if (view.legend) view.legend(layer); },
    find: words => found(view.plan, words),
    state: () => stateOf(view),
    restore: text => restoreState(view, text),
    show(part) {
      Object.assign(parts, part);
      view.plan = {...makePlan(parts), widest: parts.widest, part: parts};
      map.closePopup();
      if (view.panelShows) view.panelShows();
      view.choice.version++;
      view.layer.redraw();
    },
  };
  Object.assign(parts, data.plan);
  view.plan = {...makePlan(parts), widest: parts.widest, part: parts};
  view.choice = makeChoice(parts);
  useLanguage(view.language, data.languages[view.language]);
  for (const tag of document.querySelectorAll('meta[name=viewport]')) tag.content = 'width=device-width, initial-scale=1';  // a reader may zoom

  box.classList.add('isopt-map');
  box.setAttribute('role', 'region');
  view.speaks(() => box.setAttribute('aria-label', `${TEXT.map_of}: ${data.title}`));
  map.attributionControl.setPrefix('Leaflet');
  if (data.base) {
    view.ground = drawGround(map, data.base);
    map.attributionControl.addAttribution('Natural Earth · GeoNames (CC BY 4.0)');
    L.control.scale({imperial: false, maxWidth: 140}).addTo(map);
  }
  for (const words of data.credits || []) map.attributionControl.addAttribution(element('span', '', words).outerHTML);
  const pane = map.createPane('plan');
  pane.style.zIndex = 450; pane.style.pointerEvents = 'none';
  view.layer = new FlowLayer(view);
  view.fit = viewButtons(view, data);
  pointing(view);
  if (view.options.panel) makePanel(view);
  view.fit(data.centre || data.bounds);
  map.addLayer(view.layer);
  if (view.options.address) remember = keepAddress(view);
  if (box.clientWidth >= innerWidth - 2 && box.clientHeight >= innerHeight - 2) printing(view);
  return view;
}

// What names keep clear of: the panel and the buttons.
function coveredBy(map) {
  const box = map.getContainer(), outer = box.getBoundingClientRect();
  return [...box.querySelectorAll('.isopt-panel, .isopt-fold, .leaflet-top.leaflet-left .leaflet-bar, .leaflet-control-scale')].map(part => {
    const inner = part.getBoundingClientRect(), corner = map.containerPointToLayerPoint([inner.left - outer.left, inner.top - outer.top]);
    return [corner.x - 6, corner.y - 6, corner.x + inner.width + 6, corner.y + inner.height + 6];
  });
}

// Popups and tooltips: what the pointer, or the search, is on.
function pointing(view) {
  const {map, layer} = view, box = map.getContainer();
  const popup = L.popup();
  const tooltip = L.tooltip({className: 'isopt-tip', direction: 'top', offset: [0, -6]});
  let back = null;
  view.pick = (thing, at, focus = false) => {
    const {plan} = view, ends = new Set(thing.nodes || (thing.row === undefined ? [] : [thing]));
    const flows = new Set(thing.flows || (ends.size ? plan.flows.filter(flow => ends.has(plan.nodes[flow.from]) || ends.has(plan.nodes[flow.to])) : [thing]));
    const nodes = new Set(ends);
    for (const flow of flows) {
      if (flow.unused && !(view.choice.layers.unused || thing === flow)) continue;
      nodes.add(plan.nodes[flow.from]); nodes.add(plan.nodes[flow.to]);
    }
    const from = document.activeElement;
    const content = thing.kind === 'group' ? groupPopup(view, thing) : thing.kind ? nodePopup(view, thing) : thing.flows ? bundlePopup(view, thing) : flowPopup(view, thing);
    const {x} = map.getSize(), small = x <= 640;  // beside the buttons on the left, below that of the legend
    Object.assign(popup.options, {maxWidth: Math.min(330, x - 112), minWidth: Math.min(230, x - 112), autoPanPaddingTopLeft: [50, small ? 56 : 12], autoPanPaddingBottomRight: [small ? 6 : 20, 20]});
    popup.setLatLng(at).setContent(content).openOn(map);
    view.picked = {thing, flows, nodes};
    nameTheDoor(popup);
    if (focus) {
      back = from && from !== document.body && !popup.getElement().contains(from) ? from : back;
      content.tabIndex = -1;
      content.focus({preventScroll: true});
    }
    layer.redraw();
  };
  view.goTo = (node, focus = true) => {
    if (view.makeRoom) view.makeRoom();
    map.setView([node.lat, node.lon], Math.max(map.getZoom(), Math.min(ALONE_FROM, view.data.closest)), {animate: false});
    view.pick(node, [node.lat, node.lon], focus);
  };
  map.on('popupclose', () => { view.picked = null; layer.redraw(); });
  document.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || !view.picked) return;
    map.closePopup();
    if (back && back.isConnected) back.focus();
    back = null;
  });
  map.on('click', event => {
    const thing = layer.find(event.layerPoint);
    if (thing) view.pick(thing, thing.kind ? map.layerPointToLatLng(thing.p) : event.latlng);
  });
  map.on('mousemove', event => {
    const thing = map._animatingZoom ? null : layer.find(event.layerPoint);
    if (thing) tooltip.setLatLng(event.latlng);
    if (thing === view.over) return;
    view.over = thing;
    box.style.cursor = thing ? 'pointer' : '';
    if (thing) tooltip.setContent(element('span', '', tip(view, thing))).setLatLng(event.latlng).addTo(map); else tooltip.remove();
    if (layer.shown.length <= MOST_LINES / 2) layer.redraw();  // else a redraw would take longer than the pointer stays
  });
  map.on('mouseout', () => { view.over = null; tooltip.remove(); layer.redraw(); });
}

// The popup's own cross speaks the language too.
function nameTheDoor(popup) {
  const door = popup.getElement().querySelector('.leaflet-popup-close-button');
  if (door) { door.setAttribute('aria-label', TEXT.close); door.title = TEXT.close; }
}
