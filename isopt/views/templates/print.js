// On paper: the map beside its legend on one landscape page, at the same extent as on the screen, drawn as finely as paper shows it.
function printing(view) {
  const {map} = view, root = document.documentElement;
  let kept = null;
  const paint = () => {  // at once, for paper does not wait for the next frame
    const {ground} = view, fine = L.Browser.retina;
    if (ground) {
      L.Browser.retina = view.printing || fine;  // Leaflet draws twice as finely then
      ground._update();
      L.Browser.retina = fine;
    }
    view.layer._update();
  };
  const begin = () => {
    if (view.printing) return;
    const size = map.getSize(), open = view.panel && !view.panel.hidden && size.x > 760, side = open ? view.panel.offsetWidth + 14 : 0;
    const seen = L.latLngBounds(map.containerPointToLatLng([0, size.y]), map.containerPointToLatLng([size.x - side, 0]));
    kept = {centre: map.getCenter(), zoom: map.getZoom()};
    view.printing = true;
    root.classList.add('isopt-printing');
    if (view.panel) shrink(view.panel, 724);
    map.invalidateSize({animate: false, pan: false});
    map.fitBounds(seen, {animate: false, paddingBottomRight: [view.panel ? 280 : 0, 0]});
    paint();
  };
  const end = () => {
    if (!view.printing) return;
    view.printing = false;
    root.classList.remove('isopt-printing');
    if (view.panel) view.panel.style.zoom = '';
    map.invalidateSize({animate: false, pan: false});
    map.setView(kept.centre, kept.zoom, {animate: false});
    paint();
  };
  window.addEventListener('beforeprint', begin);
  window.addEventListener('afterprint', end);
}

// Makes the legend small enough for one sheet; smaller letters break lines elsewhere, so that it takes a few goes.
function shrink(panel, high) {
  let size = 1;
  for (let go = 0; go < 6 && panel.getBoundingClientRect().height > high && size > .45; go++) {
    size *= Math.min(.97, high / panel.getBoundingClientRect().height);
    panel.style.zoom = size;
  }
}
