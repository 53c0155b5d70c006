function handler(event) { var a = []; for (var i = 0; i < 30; i++) a.push(a.slice()); console.log(a); }
