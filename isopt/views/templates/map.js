// Puts the map together from the data that Python wrote into the page.
const TEXT = data.texts;

function unpacked(flat, steps = 1000) {
  const points = [];
  let lat = 0, lon = 0;
  for (let place = 0; place < flat.length; place += 2) {
    lat += flat[place]; lon += flat[place + 1];
    points.push([lat / steps, lon / steps]);
  }
  return points;
}

function ground(map, base) {
  map.createPane('ground').style.zIndex = 150;
  const canvas = L.canvas({pane: 'ground', padding: .3});
  const style = {pane: 'ground', renderer: canvas, interactive: false, stroke: false, fillOpacity: 1, smoothFactor: .7};
  const areas = (list, colour) => list.forEach(flat => L.polygon(unpacked(flat), {...style, fillColor: colour}).addTo(map));
  L.rectangle([[-85, -720], [85, 720]], {...style, fillColor: '#d8e6ee'}).addTo(map);
  areas(base.world, '#f7f5ef');
  const [west, south, east, north] = base.box;
  L.rectangle([[south, west], [north, east]], {...style, fillColor: '#d8e6ee'}).addTo(map);  // the fine outlines replace the coarse ones here
  areas(base.land, '#f7f5ef');
  areas(base.lakes, '#d8e6ee');
  for (const flat of base.borders) L.polyline(unpacked(flat), {...style, stroke: true, fill: false, color: '#a7a1b3', weight: 1.2, dashArray: '6 3'}).addTo(map);
}

// The outlines are drawn for a scale of 1:10 million: close up they fade, for they no longer tell on which side of a quay one stands.
function fade(map) {
  const pane = map.getPane('ground'), pale = () => { pane.style.opacity = Math.max(.3, Math.min(1, 1 - (map.getZoom() - 12) * .28)); };
  map.on('zoomend', pale);
  pale();
}

function makePlan(data) {
  const nodes = data.nodes, modes = data.modes, materials = data.materials;
  const widest = {}, lanes = new Map();
  const everyFlow = data.flows.map(([from, to, material, as, mode, amount, arrived, tonnes, exchange, route = -1]) => ({
    path: route < 0 ? null : unpacked(data.routes[route], 10000), from, to, material, as, mode, amount, arrived, tonnes, exchange, way: nodes[to].kind === 'disposal',
    colour: nodes[to].kind === 'disposal' && !data.changes ? WAY : materials[material].colour,
    dash: materials[material].dash || (modes.length ? modes[mode].dash : [])}));
  for (const flow of everyFlow) {
    const unit = materials[flow.material].unit, pair = `${flow.from} ${flow.to}`;
    widest[unit] = Math.max(widest[unit] || 0, flow.amount);
    flow.lane = lanes.get(pair) || 0;
    lanes.set(pair, flow.lane + 1);
  }
  const widthOf = (amount, unit) => 1.2 + 6.8 * Math.sqrt(amount / widest[unit]);
  for (const flow of everyFlow) flow.width = widthOf(flow.amount, materials[flow.material].unit);
  const largest = Math.max(...nodes.map(node => node.size || 0), 1e-9);
  for (const node of nodes) node.radius = 4.5 + 6 * Math.sqrt((node.size || 0) / largest);
  for (const row of data.own) nodes[row[0]].own = true;
  spread(nodes);
  const layers = {exchanges: true, disposal: true, facilities: true, idle: true, plants: true, disposals: true, names: true, places: true, routes: true};
  return {
    nodes, materials, modes, widest, widthOf, everyFlow, flows: [...everyFlow].sort((a, b) => a.width - b.width), layers, hidden: new Set(data.hidden), picked: null, over: null,
    exchanges: data.exchanges, own: data.own, bought: data.bought, left: data.left, places: data.base ? data.base.places : [], years: data.years,
    bySize: [...nodes].sort((a, b) => (a.state === 'idle' ? -1 : a.size || 0) - (b.state === 'idle' ? -1 : b.size || 0)),
    idle: nodes.filter(node => node.state === 'idle').length,
    visible: node => layers[node.state === 'idle' ? 'idle' : {facility: 'facilities', plant: 'plants', disposal: 'disposals'}[node.kind]],
  };
}

// Symbols at one place stand around it, in rings, so that each can be seen and clicked.
function spread(nodes) {
  const places = new Map();
  for (const node of nodes) {
    const place = `${node.lat.toFixed(4)} ${node.lon.toFixed(4)}`;
    places.set(place, [...(places.get(place) || []), node]);
  }
  for (const group of places.values()) {
    if (group.length < 2) continue;
    let ring = 1, first = 0;
    while (first < group.length) {
      const room = Math.min(group.length - first, 6 * ring);
      for (let row = 0; row < room; row++) {
        group[first + row].turn = Math.PI * (2 * row / room + 1);
        group[first + row].spread = group.length === 2 ? 13 : 18 * ring + 1;
      }
      first += room; ring++;
    }
  }
}

function start(map, data) {
  const box = map.getContainer();
  box.classList.add('isopt-map');
  map.attributionControl.setPrefix('Leaflet');
  map.attributionControl.addAttribution(data.base ? TEXT.ground_credit : '');
  for (const words of data.credits || []) map.attributionControl.addAttribution(element('span', '', words).outerHTML);
  if (data.base) { ground(map, data.base); L.control.scale({imperial: false, maxWidth: 140}).addTo(map); }
  const plan = makePlan(data), pane = map.createPane('plan');
  pane.style.zIndex = 450; pane.style.pointerEvents = 'none';
  const layer = new FlowLayer(plan);
  plan.changed = () => layer.redraw();
  plan.covered = () => {  // names keep clear of the panel and the buttons
    const outer = box.getBoundingClientRect();
    return [...box.querySelectorAll('.isopt-panel, .isopt-fold, .leaflet-top.leaflet-left .leaflet-bar, .leaflet-control-scale')].map(part => {
      const inner = part.getBoundingClientRect(), corner = map.containerPointToLayerPoint([inner.left - outer.left, inner.top - outer.top]);
      return [corner.x - 6, corner.y - 6, corner.x + inner.width + 6, corner.y + inner.height + 6];
    });
  };

  const popup = L.popup({maxWidth: 330, minWidth: 230, autoPanPaddingTopLeft: [50, 12], autoPanPaddingBottomRight: [20, 20]});
  function pick(thing, at) {
    const flows = new Set(thing.kind ? plan.everyFlow.filter(flow => plan.nodes[flow.from] === thing || plan.nodes[flow.to] === thing) : [thing]);
    const nodes = new Set(thing.kind ? [thing] : []);
    for (const flow of flows) { nodes.add(plan.nodes[flow.from]); nodes.add(plan.nodes[flow.to]); }
    popup.setLatLng(at).setContent(thing.kind ? nodePopup(plan, thing) : flowPopup(plan, thing)).openOn(map);
    plan.picked = {thing, flows, nodes};
    layer.redraw();
  }
  map.on('popupclose', () => { plan.picked = null; layer.redraw(); });
  map.on('click', event => {
    const thing = layer.find(event.layerPoint);
    if (thing) pick(thing, thing.kind ? map.layerPointToLatLng(thing.p) : event.latlng);
  });
  const tooltip = L.tooltip({className: 'isopt-tip', direction: 'top', offset: [0, -6]});
  map.on('mousemove', event => {
    const thing = layer.find(event.layerPoint);
    if (thing) tooltip.setLatLng(event.latlng);
    if (thing === plan.over) return;
    plan.over = thing;
    const calm = layer.shown.length > 1500;  // a redraw would take longer than the pointer stays
    box.style.cursor = thing ? 'pointer' : '';
    if (thing) tooltip.setContent(element('span', '', tip(plan, thing))).setLatLng(event.latlng).addTo(map); else tooltip.remove();
    if (!calm) layer.redraw();
  });
  map.on('mouseout', () => { plan.over = null; tooltip.remove(); if (layer.shown.length <= 1500) layer.redraw(); });

  const side = panel(map, plan, data, node => {
    map.setView([node.lat, node.lon], Math.max(map.getZoom(), Math.min(13, data.closest)));
    pick(node, [node.lat, node.lon]);
  });
  views(map, data, side);
  if (data.base) fade(map);
  map.addLayer(layer);
  window.addEventListener('beforeprint', () => layer.draw());
  return {plan, layer, pick};
}

// The opening view, and buttons for the whole and for the busiest part.
function views(map, data, side) {
  const fit = bounds => {
    const wide = side.hidden || map.getSize().x < 760 ? 24 : side.offsetWidth + 70;
    map.fitBounds(bounds, {paddingTopLeft: [90, 40], paddingBottomRight: [wide, 48], maxZoom: data.closest, animate: false});
  };
  const bar = L.control({position: 'topleft'});
  bar.onAdd = () => {
    const div = element('div', 'leaflet-bar isopt-zoom');
    const button = (label, words, bounds) => {
      const made = element('a', '', label);
      made.href = '#'; made.title = words; made.setAttribute('role', 'button'); made.setAttribute('aria-label', words);
      L.DomEvent.on(made, 'click', L.DomEvent.stop).on(made, 'click', () => fit(bounds));
      div.append(made);
    };
    button('⤢', TEXT.everything, data.bounds);
    if (data.centre) button('◎', TEXT.centre, data.centre);
    L.DomEvent.disableClickPropagation(div);
    return div;
  };
  bar.addTo(map);
  fit(data.centre || data.bounds);
}

return start(map, data);
