function handler(event) { var a = [1, 2, 3]; a.constructor = {}; a.constructor[Symbol.species] = function () { for (;;); }; return a.map(String); }
