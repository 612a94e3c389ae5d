"""A synthetic province, calibrated to real figures of 2020: departments' extracts, good and bad, and the answers.

沙盘省，按2020年真实数字校准的模拟数据：部门报送的文件，好的和坏的，附答案。
"""
