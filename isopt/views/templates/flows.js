// One canvas for everything that belongs to the plan: flows below, symbols over them, names on top.
const FlowLayer = L.Renderer.extend({
  options: {pane: 'plan', padding: 0.15},

  initialize(plan) {
    L.Renderer.prototype.initialize.call(this);
    this.plan = plan;
  },

  onAdd(map) {
    L.Renderer.prototype.onAdd.call(this, map);
    this.draw();
  },

  _initContainer() {
    this._container = L.DomUtil.create('canvas', 'isopt-flows');
    this._container.style.pointerEvents = 'none';  // the map's own events find what lies under the pointer
    this._ctx = this._container.getContext('2d');
  },

  _destroyContainer() { L.DomUtil.remove(this._container); },

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const box = this._bounds, size = box.getSize(), fine = window.devicePixelRatio || 1, canvas = this._container;
    L.DomUtil.setPosition(canvas, box.min);
    canvas.width = fine * size.x; canvas.height = fine * size.y;
    canvas.style.width = size.x + 'px'; canvas.style.height = size.y + 'px';
    this._ctx.setTransform(fine, 0, 0, fine, -fine * box.min.x, -fine * box.min.y);
    this.fire('update');
  },

  _updatePaths() { this.draw(); },

  redraw() {
    if (this._waiting || !this._map) return;
    this._waiting = requestAnimationFrame(() => { this._waiting = 0; this.draw(); });
  },

  draw() {
    if (!this._map || !this._bounds) return;
    const box = this._bounds, size = box.getSize(), ctx = this._ctx;
    ctx.clearRect(box.min.x, box.min.y, size.x, size.y);
    this._place();
    this._shape();
    // ways to disposal lie below exchanges, small flows below large ones
    for (const flow of this.shown) if (flow.way) this._drawFlow(ctx, flow);
    for (const flow of this.shown) if (!flow.way) this._drawFlow(ctx, flow);
    this._drawNodes(ctx);
    this._drawNames(ctx);
  },

  // Where symbols stand on the screen: those that share a place are set around it.
  _place() {
    const {nodes} = this.plan, view = this._map.getPixelBounds().getSize();
    let seen = 0;
    for (const node of nodes) {
      node.at = this._map.latLngToLayerPoint([node.lat, node.lon]);
      node.near = this._bounds.contains(node.at);
      if (node.near) seen++;
    }
    this.seen = seen;
    this.scale = Math.max(.32, Math.min(1, Math.sqrt(view.x * view.y / (seen * 2500 + 1))));
    for (const node of nodes) {
      node.r = (node.state === 'idle' ? 3.5 : node.radius) * this.scale;
      node.p = node.turn === undefined ? node.at : node.at.add(
        [Math.cos(node.turn) * node.spread * this.scale, Math.sin(node.turn) * node.spread * this.scale]);
    }
  },

  // The curve of every flow that is switched on and in view.
  _shape() {
    const plan = this.plan, {flows, nodes, hidden, layers} = plan, box = this._bounds;
    const shown = [];
    for (const flow of flows) {
      if (hidden.has(flow.material) || !(flow.way ? layers.disposal : layers.exchanges)) continue;
      const a = nodes[flow.from].p, b = nodes[flow.to].p, dx = b.x - a.x, dy = b.y - a.y, length = Math.hypot(dx, dy);
      if (length < 3) continue;
      flow.line = null;
      if (flow.path && layers.routes) {
        if (!this._alongPath(flow, a, b, box)) continue;
        shown.push(flow);
        continue;
      }
      const bend = .13 + .075 * flow.lane, cx = (a.x + b.x) / 2 - dy * bend, cy = (a.y + b.y) / 2 + dx * bend;
      if (Math.max(a.x, b.x, cx) < box.min.x || Math.min(a.x, b.x, cx) > box.max.x) continue;
      if (Math.max(a.y, b.y, cy) < box.min.y || Math.min(a.y, b.y, cy) > box.max.y) continue;
      flow.curve = [a.x, a.y, cx, cy, b.x, b.y];
      shown.push(flow);
    }
    this.shown = shown;
    this.thin = Math.max(.4, Math.min(1, Math.sqrt(300 / (shown.length || 1))));  // many lines are drawn finer
    plan.finer(this.thin);
    for (const flow of shown) {
      if (flow.line) flow.curve = this._lastBit(flow.line);
      const [ax, ay, cx, cy, bx, by] = flow.curve, width = Math.max(.7, flow.width * this.thin * (flow.way ? .5 : 1));
      // the line ends where the arrow head begins, the head where the symbol begins
      const end = Math.hypot(bx - cx, by - cy), ux = (bx - cx) / end, uy = (by - cy) / end, r = nodes[flow.to].r + 1.5;
      const head = Math.min(5 * this.thin + 1.6 * width, Math.hypot(bx - ax, by - ay) * .4);
      flow.curve[4] = bx - ux * (r + head * .8); flow.curve[5] = by - uy * (r + head * .8);
      flow.tip = [bx - ux * r, by - uy * r, ux, uy, head];
      if (flow.line) flow.line.push([flow.curve[4], flow.curve[5]]);
      flow.drawnWidth = width;
    }
  },

  // The points of a way on the screen, from symbol to symbol; false where none of it is in view.
  _alongPath(flow, a, b, box) {
    const origin = this._map.getPixelOrigin(), seen = `${origin.x} ${origin.y} ${this._map.getZoom()}`;
    if (flow.seen !== seen) {  // the points move only when the map is set anew
      flow.seen = seen;
      flow.points = [];
      let last = null;
      for (const place of flow.path) {
        const at = this._map.latLngToLayerPoint(place);
        if (!last || Math.abs(at.x - last.x) + Math.abs(at.y - last.y) >= 2) { flow.points.push([at.x, at.y]); last = at; }
      }
      const xs = flow.points.map(point => point[0]), ys = flow.points.map(point => point[1]);
      flow.extent = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
    }
    const [west, north, east, south] = flow.extent;
    if (east < box.min.x || west > box.max.x || south < box.min.y || north > box.max.y) return false;
    flow.line = [[a.x, a.y], ...flow.points.slice(1, -1), [b.x, b.y]];
    return true;
  },

  // Takes the end off a line, as far as the arrow head reaches, and returns it as a curve.
  _lastBit(line) {
    const [bx, by] = line.pop();
    while (line.length > 1 && Math.hypot(bx - line[line.length - 1][0], by - line[line.length - 1][1]) < 14) line.pop();
    const [ax, ay] = line[line.length - 1];
    return [ax, ay, (ax + bx) / 2, (ay + by) / 2, bx, by];
  },

  _trace(ctx, flow) {
    ctx.beginPath();
    if (flow.line) {
      ctx.moveTo(...flow.line[0]);
      for (const point of flow.line) ctx.lineTo(...point);
    } else {
      const c = flow.curve;
      ctx.moveTo(c[0], c[1]); ctx.quadraticCurveTo(c[2], c[3], c[4], c[5]);
    }
  },

  _drawFlow(ctx, flow) {
    const {picked} = this.plan, [x, y, ux, uy, head] = flow.tip;
    const dim = picked && !picked.flows.has(flow), strong = this.plan.over === flow || (picked && !dim);
    const clear = this.thin < 1 && !strong ? Math.min(.92, .4 + flow.drawnWidth / 6) : .92;  // a crowd of small flows stays pale
    ctx.globalAlpha = dim ? Math.min(.12, this.thin / 5) : flow.way && !strong ? clear * .8 : clear;
    ctx.lineCap = 'butt';
    this._trace(ctx, flow);
    if (!dim && (strong || this.thin > .6)) {  // a pale rim keeps crossing lines apart
      ctx.setLineDash([]); ctx.strokeStyle = 'rgba(255,255,255,.85)'; ctx.lineWidth = flow.drawnWidth + 2; ctx.stroke();
    }
    ctx.strokeStyle = ctx.fillStyle = flow.colour;
    ctx.setLineDash(flow.dash.map(part => part * Math.max(1, flow.drawnWidth / 5))); ctx.lineWidth = flow.drawnWidth + (this.plan.over === flow ? 1.5 : 0); ctx.stroke();
    ctx.setLineDash([]);
    const half = head * .48;
    ctx.beginPath(); ctx.moveTo(x, y);
    ctx.lineTo(x - ux * head - uy * half, y - uy * head + ux * half);
    ctx.lineTo(x - ux * head + uy * half, y - uy * head - ux * half);
    ctx.closePath(); ctx.fill();
    ctx.globalAlpha = 1;
  },

  _drawNodes(ctx) {
    const {nodes, picked} = this.plan;
    ctx.strokeStyle = '#6c7a85'; ctx.lineWidth = 1;
    for (const node of nodes) {
      if (!node.near || node.turn === undefined || !this.plan.visible(node)) continue;
      ctx.beginPath(); ctx.moveTo(node.at.x, node.at.y); ctx.lineTo(node.p.x, node.p.y); ctx.stroke();
    }
    for (const node of this.plan.bySize) {
      if (!node.near || !this.plan.visible(node)) continue;
      ctx.globalAlpha = picked && !picked.nodes.has(node) ? .3 : 1;
      if (node.own && this.plan.layers.disposal) drawOwnDisposal(ctx, node.p.x, node.p.y, node.r);
      drawSymbol(ctx, node.kind, node.state, node.p.x, node.p.y, node.r + (this.plan.over === node ? 1.5 : 0));
    }
    ctx.globalAlpha = 1;
  },

  // Names where there is room: first those of the plan by size, then towns; none over another or over a symbol.
  _drawNames(ctx) {
    const {plan} = this, taken = plan.covered(), view = this._map.getPixelBounds(), origin = this._map.getPixelOrigin();
    const edge = [view.min.x - origin.x, view.min.y - origin.y, view.max.x - origin.x, view.max.y - origin.y];
    const free = box => box[0] > edge[0] && box[2] < edge[2] && box[1] > edge[1] && box[3] < edge[3] &&
      !taken.some(other => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]);
    this.placed = new Set();
    ctx.textBaseline = 'middle'; ctx.lineJoin = 'round';
    const write = (words, x, y, colour) => {
      ctx.lineWidth = 3.5; ctx.strokeStyle = 'rgba(255,255,255,.9)'; ctx.strokeText(words, x, y);
      ctx.fillStyle = colour; ctx.fillText(words, x, y);
    };
    const crowd = this.seen > 80;  // a crowd is read by its large towns, a handful of sites by their names
    if (crowd) this._drawPlaces(ctx, free, taken, write, 7, '600 italic 13px');
    for (const node of plan.bySize.slice(-200)) {  // further names keep off all but the small symbols of a crowd
      if (node.near && plan.visible(node)) taken.push([node.p.x - node.r, node.p.y - node.r, node.p.x + node.r, node.p.y + node.r]);
    }
    if (plan.layers.names) {
      ctx.font = `600 ${crowd ? 11 : 12}px system-ui, "Segoe UI", Roboto, Arial, sans-serif`;
      const written = new Set(), most = Math.max(12, (edge[2] - edge[0]) * (edge[3] - edge[1]) / (crowd ? 36000 : 16000));
      let names = 0;
      for (let row = plan.bySize.length - 1; row >= 0 && names < most; row--) {
        const node = plan.bySize[row];
        if (!node.near || (node.state === 'idle' && plan.idle > 60) || !plan.visible(node) || (plan.picked && !plan.picked.nodes.has(node))) continue;
        const words = shortened(node.name, crowd ? 24 : 34), here = `${words} ${node.lat} ${node.lon}`;
        if (written.has(here)) continue;  // two disposals of one facility share its name
        const {x, y} = node.p, r = node.r + 4, w = ctx.measureText(words).width;
        const spots = [[x + r, y], [x - r - w, y], [x - w / 2, y - r - 6], [x - w / 2, y + r + 6]];
        if (node.turn !== undefined && Math.cos(node.turn) < -.3) spots.unshift(spots.splice(1, 1)[0]);
        for (const [left, middle] of spots) {
          const box = [left - 2, middle - 8, left + w + 2, middle + 8];
          if (!free(box)) continue;
          taken.push(box); names++; written.add(here);
          write(words, left, middle, '#14202b');
          break;
        }
      }
    }
    this._drawPlaces(ctx, free, taken, write, 40);
  },

  _drawPlaces(ctx, free, taken, write, most, font = 'italic 11px') {
    if (!this.plan.layers.places) return;
    ctx.font = `${font} system-ui, "Segoe UI", Roboto, Arial, sans-serif`;
    for (const [name, lat, lon] of this.plan.places) {
      if (most <= 0) return;
      const at = this._map.latLngToLayerPoint([lat, lon]), w = ctx.measureText(name).width;
      for (const y of [at.y, at.y - 20, at.y + 20]) {
        const box = [at.x - w / 2 - 10, y - 11, at.x + w / 2 + 10, y + 11];
        if (this.placed.has(name) || !free(box)) continue;
        taken.push(box); this.placed.add(name); most--;
        write(name, at.x - w / 2, y, '#5d6b76');
        break;
      }
    }
  },

  // What lies under a point of the screen: a symbol, else the nearest flow within a few pixels.
  find(at) {
    const {plan} = this;
    let best = null, least = 1e9;
    for (const node of plan.nodes) {
      if (!node.near || !plan.visible(node)) continue;
      const far = Math.hypot(node.p.x - at.x, node.p.y - at.y) - node.r;
      if (far < 4 && far < least) { best = node; least = far; }
    }
    if (best) return best;
    for (const flow of this.shown || []) {
      const reach = 4 + flow.drawnWidth / 2;
      if (flow.line) {
        for (let place = 1; place < flow.line.length; place++) {
          const far = toSegment(at, ...flow.line[place - 1], ...flow.line[place]);
          if (far < reach && far < least) { best = flow; least = far; }
        }
        continue;
      }
      const [ax, ay, cx, cy, bx, by] = flow.curve;
      if (at.x < Math.min(ax, bx, cx) - reach || at.x > Math.max(ax, bx, cx) + reach) continue;
      if (at.y < Math.min(ay, by, cy) - reach || at.y > Math.max(ay, by, cy) + reach) continue;
      let x = ax, y = ay;
      for (let step = 1; step <= 24; step++) {
        const t = step / 24, u = 1 - t, nx = u * u * ax + 2 * u * t * cx + t * t * bx, ny = u * u * ay + 2 * u * t * cy + t * t * by;
        const far = toSegment(at, x, y, nx, ny);
        if (far < reach && far < least) { best = flow; least = far; }
        x = nx; y = ny;
      }
    }
    return best;
  },
});

function toSegment(at, x1, y1, x2, y2) {
  const dx = x2 - x1, dy = y2 - y1, t = Math.max(0, Math.min(1, ((at.x - x1) * dx + (at.y - y1) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(at.x - x1 - t * dx, at.y - y1 - t * dy);
}

function shortened(name, most) {
  const signs = Array.from(name.replace(/\s+/g, ' '));
  return signs.length > most ? signs.slice(0, most - 2).join('').trimEnd() + '…' : signs.join('');
}
