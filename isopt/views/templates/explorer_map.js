// The network on the map and as a diagram of materials.
// A plan as `isoptMap` takes it, put together from what all networks share.
function planOf(shared, network) {
  const rowsOf = name => network[name].map(row => shared[name][row]);
  const nodes = shared.nodes.map((node, row) => {
    const [state, size, facts] = shared.states[network.states[row]];
    return {...node, state, size, facts: facts.map(fact => [...fact])};
  });
  return {
    status: network.status, nodes, flows: rowsOf('flows'), own: rowsOf('own'), bought: rowsOf('bought'), left: rowsOf('left'), unused: null,
    exchanges: shared.exchanges, materials: shared.materials, modes: shared.modes, routes: shared.routes, years: shared.years, said: shared.said, widest: shared.widest,
  };
}

// Sets the numbers of a plan that depend on the levers to their value at a point; says whether there are any.
function followLevers(shared, network, plan, kept, point) {
  const at = (start, low, slopes) => slopes.reduce((sum, slope, lever) => sum + slope * (point[lever] - low[lever]), start);
  let any = false;
  network.states.forEach((state, row) => {
    const [, , facts, vary, low] = shared.states[state];
    if (low.length !== point.length) return;
    for (const [place, ...slopes] of vary) { plan.nodes[row].facts[place][2] = at(facts[place][2], low, slopes); any = true; }
  });
  for (const [row, name, low, slopes] of shared.exchanges_vary) {
    if (low.length !== point.length) continue;
    shared.exchanges[name][row] = at(kept[name][row], low, slopes);
    any = true;
  }
  return any;
}

const ROOMY = 900;  // pixels: a narrower map opens with its legend folded away, since that would lie over the network

function foldLegend(view) {
  view.panel.hidden = true;
  view.panel.parentNode.querySelector('.isopt-fold').hidden = false;
  view.fit(view.data.centre || view.data.bounds);
}

function makeNetworkMap(page) {
  const {data, shared} = page, title = element('h2'), place = element('div', 'place'), box = element('section', 'map', title, place);
  const kept = Object.fromEntries(Object.entries(shared.exchanges).map(([name, cells]) => [name, [...cells]]));
  page.place = place;
  let drawn = -1;
  // on paper the map stands beside the chart, without its legend: told before the map prepares itself
  window.addEventListener('beforeprint', () => { if (page.view && page.view.panel) { page.legend = page.view.panel; page.view.panel = null; } });
  window.addEventListener('afterprint', () => { if (page.legend) page.view.panel = page.legend; });
  page.begin = () => {  // once it has its place on the page, whose size Leaflet asks for
    drawn = page.cell.network;
    const {bounds, centre, closest, base, streets, credits} = shared, plan = planOf(shared, shared.networks[drawn]);
    page.view = isoptMap(place, {title: data.title, language: page.language, languages: data.languages, plan, bounds, centre, closest, base, streets, credits}, {address: false});
    if (place.clientWidth < ROOMY) foldLegend(page.view);
    const changed = page.view.changed;
    page.view.changed = () => { changed(); page.remember(); };
    page.view.map.on('moveend', () => page.remember());
    page.view.speaks(() => page.spoken(page.view.language));
    onResize(place, () => page.view.map.invalidateSize({animate: false}));
  };
  page.onShow(() => {
    if (!page.view) return;
    title.textContent = words('map');
    const network = shared.networks[page.cell.network];
    if (page.cell.network !== drawn) {
      drawn = page.cell.network;
      page.view.show(planOf(shared, network));
    }
    if (followLevers(shared, network, page.view.plan, kept, page.point) && page.moved) page.view.map.closePopup();  // its numbers were those of another value
  });
  return box;
}

function makeSankey(page) {
  const title = element('h2'), picture = element('div', 'picture'), box = element('section', 'materials-flow', title, picture);
  let drawn = '';
  picture.tabIndex = 0;  // on a phone it is wider than its box
  picture.setAttribute('role', 'region');
  page.onShow(() => {
    const key = `${page.cell.network} ${page.language}`, pieces = page.shared.networks[page.cell.network].sankey[page.language];
    title.textContent = words('sankey');
    picture.setAttribute('aria-label', words('sankey'));
    if (key === drawn) return;
    drawn = key;
    // the pieces were made by Python, which has escaped every name in them
    if (pieces) picture.innerHTML = pieces.map(piece => '<' + page.shared.tokens[piece]).join('');
    else picture.replaceChildren(element('p', 'soft', words('no_sankey')));
  });
  page.sankey = picture;
  return box;
}
