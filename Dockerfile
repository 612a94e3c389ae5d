# One image for every process of Airflow. Plain instructions only: the classic builder and BuildKit build it alike.
# What belongs to a site (package mirrors, its certificate authority, proxies) belongs in BASE_IMAGE, never in here.
ARG BASE_IMAGE=debian:bookworm-slim
FROM ${BASE_IMAGE}

ENV LANG=C.UTF-8 TZ=Asia/Shanghai HOME=/tmp PATH=/opt/venv/bin:$PATH AIRFLOW_HOME=/opt/suheng/docker/airflow \
    SUHENG_DATA=/srv/suheng DO_NOT_TRACK=1 GX_ANALYTICS_ENABLED=false \
    PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore

# A base with a Python of its own (python:3.11-slim-bookworm) keeps it. A new volume takes over the owner of the folder
# that it is mounted on.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates tzdata \
    $(command -v python3 >/dev/null || echo python3 python3-venv) \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/*.log /var/log/apt \
 && groupadd --gid 10001 suheng \
 && useradd --uid 10001 --gid suheng --home-dir /tmp --no-create-home --shell /usr/sbin/nologin suheng \
 && mkdir -p /srv/suheng/inbox /var/log/suheng \
 && chown -R suheng:suheng /srv/suheng /var/log/suheng

# Dependencies change only with the lock. Wheels only, so no compiler; pip compiles the byte code.
COPY requirements.lock /opt/suheng/
RUN python3 -m venv /opt/venv \
 && pip install --quiet --no-deps --require-hashes --only-binary :all: -r /opt/suheng/requirements.lock

# The project runs where it lies, beside its contracts, plan, rules and models. Nothing can be written there at run
# time, so its byte code is made now (imports take three times as long without), readable whatever the umask was.
COPY . /opt/suheng/
RUN pip install --quiet --no-deps --no-index --no-build-isolation --editable /opt/suheng \
 && python -m compileall -q /opt/suheng \
 && chmod -R go+rX /opt/suheng
WORKDIR /opt/suheng
USER 10001:10001
CMD ["suheng", "--help"]
