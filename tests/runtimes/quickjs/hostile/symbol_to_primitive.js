function handler(event) { var o = {}; o[Symbol.toPrimitive] = function () { for (;;); }; return `${o}`; }
