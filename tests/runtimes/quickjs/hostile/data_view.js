function handler(event) { var v = new DataView(new ArrayBuffer(1000000)); for (;;) for (var i = 0; i < 999000; i++) v.setFloat64(i, v.getFloat64(i) + 1); }
