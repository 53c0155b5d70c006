def test_the_old_page_has_moved(cloudfront_function):
    fn = cloudfront_function("redirect.js", max_utilization=90)
    response = fn.viewer_request("/old?lang=de").response
    assert response.status == 301
    assert response.headers["location"] == "/new?lang=de"


def test_every_other_page_is_served(cloudfront_function):
    assert cloudfront_function("redirect.js").viewer_request("/about?a=1").request.target == "/about?a=1"
