// Symbols of facilities, plants and disposals; the legend draws them with the same function.
const INK = '#1f3a5f', PAPER = '#fff', FAINT = '#7d8a94', WAY = '#7a7a7a';

function drawSymbol(ctx, kind, state, x, y, r) {
  ctx.save();
  ctx.setLineDash([]);
  ctx.lineWidth = Math.min(2, r / 3);
  ctx.strokeStyle = INK;
  ctx.beginPath();
  if (kind === 'plant') {
    ctx.rect(x - r, y - r, 2 * r, 2 * r);
    ctx.fillStyle = {built: '#f7df1e', existing: INK, not_built: PAPER}[state];
    if (state === 'not_built') { ctx.strokeStyle = FAINT; ctx.setLineDash([2.5, 2]); }
  } else if (kind === 'disposal') {
    ctx.moveTo(x - r * 1.1, y - r * .85); ctx.lineTo(x + r * 1.1, y - r * .85); ctx.lineTo(x, y + r * 1.1); ctx.closePath();
    ctx.fillStyle = state === 'used' ? '#5b5b5b' : PAPER;
    ctx.strokeStyle = state === 'used' ? '#262626' : FAINT;
  } else {
    ctx.arc(x, y, r, 0, 2 * Math.PI);
    ctx.fillStyle = {gives: INK, receives: PAPER, both: PAPER, idle: '#b9c3ca'}[state];
    if (state === 'idle') ctx.strokeStyle = FAINT;
  }
  ctx.fill();
  if (state === 'both') {  // half of a giver, half of a receiver
    ctx.save();
    ctx.fillStyle = INK;
    ctx.beginPath(); ctx.arc(x, y, r, Math.PI / 2, 1.5 * Math.PI); ctx.fill();
    ctx.restore();
    ctx.beginPath(); ctx.arc(x, y, r, 0, 2 * Math.PI);
  }
  ctx.stroke();
  ctx.restore();
}

function drawOwnDisposal(ctx, x, y, r) {
  ctx.save();
  ctx.beginPath(); ctx.arc(x, y, r + 3, 0, 2 * Math.PI);
  ctx.lineWidth = 2; ctx.strokeStyle = '#8c8c8c'; ctx.setLineDash([2, 2]);
  ctx.stroke();
  ctx.restore();
}

// Several sites as one: how many, and a ring that tells what they are.
function drawGroup(ctx, parts, count, x, y, r) {
  const total = parts.reduce((sum, part) => sum + part, 0) || 1, colours = [INK, '#e3c800', '#5b5b5b', '#b9c3ca'];
  ctx.save();
  ctx.setLineDash([]);
  ctx.beginPath(); ctx.arc(x, y, r + 1, 0, 2 * Math.PI); ctx.fillStyle = PAPER; ctx.fill();
  ctx.lineWidth = 4;
  let turn = -Math.PI / 2;
  parts.forEach((part, row) => {
    const next = turn + part / total * 2 * Math.PI;
    ctx.beginPath(); ctx.arc(x, y, r - 2, turn, next); ctx.strokeStyle = colours[row]; ctx.stroke();
    turn = next;
  });
  ctx.beginPath(); ctx.arc(x, y, r + .5, 0, 2 * Math.PI); ctx.lineWidth = 1; ctx.strokeStyle = PAPER; ctx.stroke();
  ctx.font = '600 11px system-ui, "Segoe UI", Roboto, Arial, sans-serif';
  ctx.textAlign = 'center'; ctx.textBaseline = 'middle'; ctx.fillStyle = '#14202b';
  ctx.fillText(count, x, y + .5);
  ctx.restore();
}
