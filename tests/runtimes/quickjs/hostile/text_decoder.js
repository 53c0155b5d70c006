function handler(event) { var b = new Uint8Array(500000).fill(255); for (;;) new TextDecoder().decode(b); }
