"""What a change of configuration does to traffic: two distributions compared, in words."""
