"""The demo shop's addresses, to be included under /shop/."""

from django.urls import path

from apps.demo import views

app_name = "demo"

urlpatterns = [
    path("", views.home, name="home"),
    path("products/<slug:slug>/", views.product, name="product"),
    path("cart/", views.cart, name="cart"),
    path("checkout/", views.checkout, name="checkout"),
    path("returns/", views.returns, name="returns"),
    path("coupons/", views.apply_coupon, name="apply_coupon"),
]
