"""The screens of the app, each a script that app.py names by its path, and the parts they share."""
