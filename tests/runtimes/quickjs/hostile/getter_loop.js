function handler(event) { var o = {}; Object.defineProperty(o, 'uri', { enumerable: true, get: function () { for (;;); } }); return o; }
