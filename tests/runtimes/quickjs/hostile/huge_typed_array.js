function handler(event) { return new Uint8Array(2000000000).length; }
