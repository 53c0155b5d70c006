function handler(event) { return Buffer.alloc(4294967295).length; }
