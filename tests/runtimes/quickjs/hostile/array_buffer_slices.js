function handler(event) { var b = new ArrayBuffer(1900000); for (;;) b.slice(1); }
