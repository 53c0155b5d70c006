function handler(event) { var b = Buffer.alloc(300000); for (;;) JSON.stringify(b); }
