"""What query-normalisation promises of the cache; function.cases.yaml says what becomes of query strings."""


def test_doing_it_twice_changes_nothing_more(cloudfront_function):
    fn = cloudfront_function("function.js")
    once = fn.viewer_request("/shop?c=3&b=2&fbclid=1&a=1&b=1").request
    assert fn.viewer_request(once.target).request.target == once.target


def test_what_differs_only_in_order_is_one_object_in_the_cache(distribution):
    site = distribution(viewer_request="function.js", cache_policy="UseOriginCacheControlHeaders-QueryStrings")
    assert site.same_cache_key("/shop?b=2&a=1", "/shop?a=1&b=2&utm_campaign=spring")
    assert not site.same_cache_key("/shop?a=1", "/shop?a=2")
