"""What the office sets for itself about the comparison."""

from bianzhi.common.parameters import declare

MONTHLY = declare("exchange.monthly", "每月自动核对（1 是，0 否）", 0, "P20", most=1)
MONTHLY_DAY = declare("exchange.monthly_day", "每月几日自动核对上月数据", 20, "P20", least=1, most=28)
AUTO_CONFIRM = declare("exchange.auto_confirm", "完全相符的变动自动提交办件（1 是，0 否）", 0, "P20", most=1)
MEMORY = declare("exchange.memory_gigabytes", "核对最多使用内存（GB）", 3, "P20", least=1, most=1_000)
CALLS_PER_MINUTE = declare(
    "exchange.calls_per_minute", "每个接口密钥每分钟最多请求次数", 120, "K07", least=1, most=100_000
)
UPLOAD_MEGABYTES = declare(
    "exchange.upload_megabytes", "接口一次报送的文件最大（MB）", 200, "K08", least=1, most=10_000
)
SPARK_MASTER = declare("exchange.spark_master", "Spark 的主节点（只在选用 Spark 时）", "local[2]", "P20")
