function handler(event) { var o = {}; for (var i = 0; i < 3000; i++) o['k' + i] = i; for (;;) Object.assign({}, o), Object.entries(o), Object.keys(o).sort(); }
