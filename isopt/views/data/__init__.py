"""Outlines and place names that every map draws offline, and the script that makes them."""
