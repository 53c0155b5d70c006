function handler(event) { var p = []; for (var i = 0; i < 30000; i++) p.push('x' + i); var r = new RegExp(p.join('|')); for (;;) r.test('y'.repeat(3000)); }
