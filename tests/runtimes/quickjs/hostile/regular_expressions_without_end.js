function handler(event) { for (var i = 0; ; i++) new RegExp('(a|b)*' + i + '{1,' + (1 + i % 1000) + '}c'); }
