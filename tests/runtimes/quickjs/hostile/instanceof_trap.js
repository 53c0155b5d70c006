function handler(event) { function F() { } Object.defineProperty(F, Symbol.hasInstance, { value: function () { for (;;); } }); return event instanceof F; }
