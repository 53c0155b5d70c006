"""A small Django site for its development server: `python django_site.py runserver 127.0.0.1:8000`."""

import sys
from pathlib import Path

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import path

settings.configure(
    DEBUG=True,
    SECRET_KEY="not a secret",
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.staticfiles"],
    MIDDLEWARE=[
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
    ],
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    STATIC_URL="/static/",
    STATICFILES_DIRS=[Path(__file__).parent / "static"],
    USE_TZ=True,
)


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"<p>hello {request.session.get('name', 'stranger')}</p>")


def form(request: HttpRequest) -> HttpResponseBase:
    if request.method == "POST":
        request.session["name"] = request.POST["name"]
        return redirect("/page/")
    return JsonResponse({"token": get_token(request)})


def upload(request: HttpRequest) -> HttpResponse:
    (file,) = request.FILES.getlist("file")
    return JsonResponse({"name": file.name, "size": file.size, "note": request.POST["note"]})


def away(request: HttpRequest) -> HttpResponseBase:
    return redirect(request.build_absolute_uri("/page/"))


def stream(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(f"{number}\n" for number in range(3))


def seen(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"host": request.get_host(), "query": request.META["QUERY_STRING"], "method": request.method})


urlpatterns = [
    path("page/", page),
    path("form/", form),
    path("upload/", upload),
    path("away/", away),
    path("stream/", stream),
    path("seen/", seen),
]

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
