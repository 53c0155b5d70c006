function handler(event) { var a = new Uint8Array(900000); for (;;) a.slice(0); }
