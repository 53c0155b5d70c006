function handler(event) { var a = []; for (var i = 0; ; i++) a.push(Symbol('s' + i)); }
