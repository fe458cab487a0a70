// What lies below the plan: outlines, borders, street tiles on request; and the buttons that set the view.
const SEA = '#d8e6ee', LAND = '#f7f5ef';

function drawGround(map, base) {
  const pane = map.createPane('ground');
  pane.style.zIndex = 150;
  const canvas = L.canvas({pane: 'ground', padding: .3});
  const style = {pane: 'ground', renderer: canvas, interactive: false, stroke: false, fillOpacity: 1, smoothFactor: .7};
  const areas = (list, colour) => list.forEach(flat => L.polygon(unpacked(flat), {...style, fillColor: colour}).addTo(map));
  L.rectangle([[-85, -720], [85, 720]], {...style, fillColor: SEA}).addTo(map);
  areas(base.world, LAND);
  const [west, south, east, north] = base.box;
  L.rectangle([[south, west], [north, east]], {...style, fillColor: SEA}).addTo(map);  // the fine outlines replace the coarse ones here
  areas(base.land, LAND);
  areas(base.lakes, SEA);
  for (const flat of base.borders) L.polyline(unpacked(flat), {...style, stroke: true, fill: false, color: '#a7a1b3', weight: 1.2, dashArray: '6 3'}).addTo(map);
  // the outlines are drawn for a scale of 1:10 million: close up they fade, for they no longer tell on which side of a quay one stands
  const pale = () => { pane.style.opacity = Math.max(.3, Math.min(1, 1 - (map.getZoom() - 12) * .28)); };
  map.on('zoomend', pale);
  pale();
  return canvas;
}

// Buttons for the whole and for the busiest part; returns what fits a view into the space that the panel leaves.
function viewButtons(view, data) {
  const {map} = view;
  const fit = bounds => {
    const side = view.panel, wide = view.printing || !side || side.hidden || map.getSize().x < 760 ? 24 : side.offsetWidth + 70;
    map.fitBounds(bounds, {paddingTopLeft: [view.printing ? 24 : 90, 40], paddingBottomRight: [wide, 48], maxZoom: data.closest, animate: false});
  };
  const bar = L.control({position: 'topleft'}), made = [];
  bar.onAdd = () => {
    const div = element('div', 'leaflet-bar isopt-zoom');
    for (const [label, words, bounds] of [['⤢', 'everything', data.bounds], ['◎', 'centre', data.centre]]) {
      if (!bounds) continue;
      const one = button(label, '', () => fit(bounds));
      made.push([one, words]);
      div.append(one);
    }
    L.DomEvent.disableClickPropagation(div);
    return div;
  };
  bar.addTo(map);
  view.speaks(() => {
    for (const [one, words] of made) { one.title = TEXT[words]; one.setAttribute('aria-label', TEXT[words]); }
    for (const [name, words] of [['in', 'zoom_in'], ['out', 'zoom_out']]) {
      const one = map.getContainer().querySelector(`.leaflet-control-zoom-${name}`);
      if (one) { one.title = TEXT[words]; one.setAttribute('aria-label', TEXT[words]); }
    }
  });
  return fit;
}
