function handler(event) { var a = new Uint32Array(200000); for (var i = 0; i < a.length; i++) a[i] = i * 2654435761; for (;;) a.sort(); }
