// One canvas for everything that belongs to the plan: flows below, symbols over them, names on top.
const FlowLayer = L.Renderer.extend({
  options: {pane: 'plan', padding: 0.2},

  initialize(view) {
    L.Renderer.prototype.initialize.call(this);
    this.view = view;
    this.shown = [];
  },

  onAdd(map) {
    L.Renderer.prototype.onAdd.call(this, map);
    this.draw();
  },

  _initContainer() {
    this._container = L.DomUtil.create('canvas', 'isopt-flows');
    this._container.setAttribute('aria-hidden', 'true');
    this._container.style.pointerEvents = 'none';  // the map's own events find what lies under the pointer
    this._ctx = this._container.getContext('2d');
  },

  _destroyContainer() { L.DomUtil.remove(this._container); },

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const box = this._bounds, size = box.getSize(), fine = this._fine(), canvas = this._container;
    const wide = Math.round(fine * size.x), high = Math.round(fine * size.y);
    L.DomUtil.setPosition(canvas, box.min);
    if (canvas.width !== wide || canvas.height !== high) {
      canvas.width = wide; canvas.height = high;
      canvas.style.width = size.x + 'px'; canvas.style.height = size.y + 'px';
    }
    this.fire('update');
  },

  _wipe() {
    const box = this._bounds, size = box.getSize(), fine = this._fine();
    this._ctx.setTransform(fine, 0, 0, fine, -fine * box.min.x, -fine * box.min.y);
    this._ctx.clearRect(box.min.x, box.min.y, size.x, size.y);
    if (this.view.printing) this._wipedGround();
  },

  // In a PDF, wiping this canvas wipes what lies below it too: ground and tiles are drawn once more.
  _wipedGround() {
    const {ground, streets} = this.view, ctx = this._ctx, map = this._map, outer = map.getContainer().getBoundingClientRect();
    if (streets) {
      for (const tile of map.getPane('tilePane').querySelectorAll('img.leaflet-tile-loaded')) {
        const inner = tile.getBoundingClientRect(), at = map.containerPointToLayerPoint([inner.left - outer.left, inner.top - outer.top]);
        ctx.drawImage(tile, at.x, at.y, inner.width, inner.height);
      }
    } else if (ground) {
      const below = ground._bounds, wide = below.getSize();
      ctx.globalAlpha = Number(map.getPane('ground').style.opacity || 1);
      ctx.drawImage(ground._container, below.min.x, below.min.y, wide.x, wide.y);
      ctx.globalAlpha = 1;
    }
  },

  _fine() { return this.view.printing ? 3 : window.devicePixelRatio || 1; },  // paper shows more than a screen

  _updatePaths() { this.draw(); },

  redraw() {
    if (this._waiting || !this._map) return;
    this._waiting = requestAnimationFrame(() => { this._waiting = 0; this.draw(); });
  },

  draw() {
    if (!this._map || !this._bounds) return;
    const ctx = this._ctx;
    this._wipe();
    this._regroup();
    this._place();
    this._shape();
    // what is only possible lies below ways to disposal, these below exchanges, small flows below large ones
    const rank = flow => flow.unused ? 0 : flow.way ? 1 : 2;
    for (const layer of [0, 1, 2]) for (const flow of this.shown) if (rank(flow) === layer) this._drawFlow(ctx, flow);
    this._drawMarks(ctx);
    drawNames(ctx, this);
    this.view.drawn(this);
  },

  // Groups and bundles belong to a zoom level, a plan and a choice of the reader; those of the next levels are made in
  // idle moments, so that a zoom need not wait for them.
  _regroup() {
    const {plan, choice} = this.view, level = choice.layers.groups ? Math.min(Math.round(this._map.getZoom()), ALONE_FROM) : ALONE_FROM;
    if (this.plan !== plan || this.version !== choice.version) { this.made = new Map(); this.plan = plan; this.version = choice.version; this.level = null; }
    if (this.level === level) return;
    this.level = level;
    if (!this.made.has(level)) this.made.set(level, detail(plan, choice, level)); else recall(this.made.get(level));
    this.detail = this.made.get(level);
    if (choice.layers.groups) this._foresee([level + 1, level - 1].filter(next => next >= 0 && next <= ALONE_FROM));
  },

  _foresee(levels) {
    const later = window.requestIdleCallback || (act => setTimeout(act, 200));
    later(() => {
      const {plan, choice} = this.view, next = levels.find(level => !this.made.has(level));
      if (next === undefined || !this._map || this.plan !== plan || this.version !== choice.version || this._map._animatingZoom) return;
      this.made.set(next, detail(plan, choice, next));
      recall(this.detail);
      this._foresee(levels);
    });
  },

  // Where marks stand on the screen: those that share a place are set around it.
  _place() {
    const {marks} = this.detail, screen = this._map.getSize(), box = this._bounds, origin = this._map.getPixelOrigin(), scale = 2 ** this._map.getZoom();
    let seen = 0;
    for (const mark of marks) {
      mark.at = L.point(mark.x * scale - origin.x, mark.y * scale - origin.y);
      mark.near = mark.at.x >= box.min.x && mark.at.x <= box.max.x && mark.at.y >= box.min.y && mark.at.y <= box.max.y;
      if (mark.near) seen++;
    }
    this.seen = seen;
    this.scale = Math.max(.32, Math.min(1, Math.sqrt(screen.x * screen.y / (seen * 2500 + 1))));
    for (const mark of marks) {
      const group = mark.kind === 'group', size = group ? Math.max(.8, this.scale) : this.scale;
      mark.r = (mark.state === 'idle' ? 3.5 : mark.radius) * size;
      mark.p = mark.turn === undefined ? mark.at : mark.at.add([Math.cos(mark.turn) * mark.spread * size, Math.sin(mark.turn) * mark.spread * size]);
    }
    for (const mark of this.detail.hidden) {  // an end that is switched off is still where lines go
      mark.at = mark.p = L.point(mark.x * scale - origin.x, mark.y * scale - origin.y);
      mark.near = false; mark.r = 0;
    }
  },

  // The curve of every line in view, the widest first, as many as can be read.
  _shape() {
    const {choice} = this.view, {lines} = this.detail, box = this._bounds, shown = [];
    let inView = 0;
    for (let row = lines.length - 1; row >= 0; row--) {
      const flow = lines[row], a = flow.a.p, b = flow.b.p, dx = b.x - a.x, dy = b.y - a.y, length = Math.hypot(dx, dy);
      if (length < 3) continue;
      flow.line = null;
      if (flow.path && choice.layers.routes) {
        if (!this._alongPath(flow, a, b, box)) continue;
      } else {
        const bend = .13 + Math.min(.075, 16 / length) * flow.lane, cx = (a.x + b.x) / 2 - dy * bend, cy = (a.y + b.y) / 2 + dx * bend;
        if (Math.max(a.x, b.x, cx) < box.min.x || Math.min(a.x, b.x, cx) > box.max.x) continue;
        if (Math.max(a.y, b.y, cy) < box.min.y || Math.min(a.y, b.y, cy) > box.max.y) continue;
        flow.curve = [a.x, a.y, cx, cy, b.x, b.y];
      }
      if (lines.length > MANY_LINES / 2 && !flow.a.near && !flow.b.near) continue;  // in a crowd, what only passes by says nothing
      if (++inView <= MOST_LINES) shown.push(flow);
    }
    this.inView = inView;
    this.shown = shown.reverse();
    this.thin = Math.max(.4, Math.min(1, Math.sqrt(300 / (shown.length || 1))));  // many lines are drawn finer
    for (const flow of shown) {
      if (flow.line) flow.curve = this._lastBit(flow.line);
      const [ax, ay, cx, cy, bx, by] = flow.curve, width = Math.max(.7, flow.width * this.thin * (flow.way ? .5 : 1));
      // the line ends where the arrow head begins, the head where the symbol begins
      const end = Math.hypot(bx - cx, by - cy) || 1, ux = (bx - cx) / end, uy = (by - cy) / end, r = flow.b.r + 1.5;
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
    const {picked, over} = this.view, [x, y, ux, uy, head] = flow.tip;
    const dim = picked && !(flow.flows || [flow]).some(one => picked.flows.has(one)), strong = over === flow || (picked && !dim);
    const clear = this.thin < 1 && !strong ? Math.min(.92, .4 + flow.drawnWidth / 6) : .92;  // a crowd of small flows stays pale
    ctx.globalAlpha = dim ? Math.min(.12, this.thin / 5) : (flow.way || flow.unused) && !strong ? clear * .8 : clear;
    ctx.lineCap = 'butt';
    this._trace(ctx, flow);
    if (!dim && !flow.unused && (strong || this.thin > .6)) {  // a pale rim keeps crossing lines apart
      ctx.setLineDash([]); ctx.strokeStyle = 'rgba(255,255,255,.85)'; ctx.lineWidth = flow.drawnWidth + 2; ctx.stroke();
    }
    ctx.strokeStyle = ctx.fillStyle = flow.colour;
    ctx.setLineDash(flow.dash.map(part => part * Math.max(1, flow.drawnWidth / 5))); ctx.lineWidth = flow.drawnWidth + (over === flow ? 1.5 : 0); ctx.stroke();
    ctx.setLineDash([]);
    const half = head * .48;
    ctx.beginPath(); ctx.moveTo(x, y);
    ctx.lineTo(x - ux * head - uy * half, y - uy * head + ux * half);
    ctx.lineTo(x - ux * head + uy * half, y - uy * head - ux * half);
    ctx.closePath(); ctx.fill();
    ctx.globalAlpha = 1;
  },

  _drawMarks(ctx) {
    const {picked, over, choice} = this.view, {marks} = this.detail;
    ctx.strokeStyle = '#6c7a85'; ctx.lineWidth = 1;
    for (const mark of marks) {
      if (!mark.near || mark.turn === undefined) continue;
      ctx.beginPath(); ctx.moveTo(mark.at.x, mark.at.y); ctx.lineTo(mark.p.x, mark.p.y); ctx.stroke();
    }
    for (const mark of marks) {
      if (!mark.near) continue;
      const r = mark.r + (over === mark ? 1.5 : 0);
      ctx.globalAlpha = picked && !(mark.nodes || [mark]).some(node => picked.nodes.has(node)) ? .3 : 1;
      if (mark.kind === 'group') { drawGroup(ctx, mark.parts, whole(mark.nodes.length), mark.p.x, mark.p.y, r); continue; }
      if (mark.own && choice.layers.disposal) drawOwnDisposal(ctx, mark.p.x, mark.p.y, mark.r);
      drawSymbol(ctx, mark.kind, mark.state, mark.p.x, mark.p.y, r);
    }
    ctx.globalAlpha = 1;
  },

  // What lies under a point of the screen: a symbol, else the nearest flow within a few pixels.
  find(at) {
    let best = null, least = 1e9;
    for (const mark of this.detail.marks) {
      if (!mark.near) continue;
      const far = Math.hypot(mark.p.x - at.x, mark.p.y - at.y) - mark.r;
      if (far < 4 && far < least) { best = mark; least = far; }
    }
    if (best) return best;
    for (const flow of this.shown) {
      const reach = 4 + flow.drawnWidth / 2, far = flow.line ? awayFromLine(at, flow.line) : awayFromCurve(at, flow.curve, reach);
      if (far < reach && far < least) { best = flow; least = far; }
    }
    return best;
  },
});

function awayFromLine(at, line) {
  let least = 1e9;
  for (let place = 1; place < line.length; place++) least = Math.min(least, toSegment(at, ...line[place - 1], ...line[place]));
  return least;
}

function awayFromCurve(at, [ax, ay, cx, cy, bx, by], reach) {
  if (at.x < Math.min(ax, bx, cx) - reach || at.x > Math.max(ax, bx, cx) + reach) return 1e9;
  if (at.y < Math.min(ay, by, cy) - reach || at.y > Math.max(ay, by, cy) + reach) return 1e9;
  let x = ax, y = ay, least = 1e9;
  for (let step = 1; step <= 24; step++) {
    const t = step / 24, u = 1 - t, nx = u * u * ax + 2 * u * t * cx + t * t * bx, ny = u * u * ay + 2 * u * t * cy + t * t * by;
    least = Math.min(least, toSegment(at, x, y, nx, ny));
    x = nx; y = ny;
  }
  return least;
}

function toSegment(at, x1, y1, x2, y2) {
  const dx = x2 - x1, dy = y2 - y1, t = Math.max(0, Math.min(1, ((at.x - x1) * dx + (at.y - y1) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(at.x - x1 - t * dx, at.y - y1 - t * dy);
}
