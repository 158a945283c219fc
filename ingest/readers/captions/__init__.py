"""Read captions: cues with times, as subtitles and lyrics are written."""
