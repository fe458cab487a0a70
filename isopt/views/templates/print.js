// On paper: the map beside its legend on one landscape page, at the same extent as on the screen, drawn as finely as paper shows it.
function printing(view) {
  const {map} = view, root = document.documentElement;
  let kept = null;
  const begin = () => {
    if (view.printing) return;
    kept = {centre: map.getCenter(), zoom: map.getZoom(), bounds: map.getBounds()};
    view.printing = true;
    root.classList.add('isopt-printing');
    map.invalidateSize({animate: false, pan: false});
    map.fitBounds(kept.bounds, {animate: false, padding: [0, 0]});
    view.layer._update(); view.layer.draw();
  };
  const end = () => {
    if (!view.printing) return;
    view.printing = false;
    root.classList.remove('isopt-printing');
    map.invalidateSize({animate: false, pan: false});
    map.setView(kept.centre, kept.zoom, {animate: false});
    view.layer._update(); view.layer.draw();
  };
  window.addEventListener('beforeprint', begin);
  window.addEventListener('afterprint', end);
}
