"""What index-document promises of the cache; function.cases.csv says what becomes of each address."""


def test_with_and_without_the_slash_are_one_object_in_the_cache(distribution):
    site = distribution(viewer_request="function.js")
    assert site.same_cache_key("/docs", "/docs/")
    assert not site.same_cache_key("/docs", "/blog")
