function handler(event) { return Uint8Array.from({ length: 4294967295 }); }
