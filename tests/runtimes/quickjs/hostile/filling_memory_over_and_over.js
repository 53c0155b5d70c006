function handler(event) { var a = new Uint8Array(1500000); for (;;) a.fill(1); }
