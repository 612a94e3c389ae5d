"""May this build be published? Rules, one small file each, judged by one gate; a report for those who must act."""
