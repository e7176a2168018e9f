# One image for every service of docker-compose.yaml: the three environments, each from its lock, at
# the places they have in a checkout.
# checkov:skip=CKV_DOCKER_2: what is healthy depends on the service; docker-compose.yaml says it of each
FROM python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b AS uv
WORKDIR /opt/churn
ENV DO_NOT_TRACK=true PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never
COPY requirements requirements
RUN python -m venv .uv && .uv/bin/pip install --require-hashes -r requirements/uv.txt

# The package stays where it is and is linked, as in a checkout. What makes the link is left here.
FROM uv AS link
COPY pyproject.toml README.md ./
COPY pipelines pipelines
RUN .uv/bin/uv venv .venv-build && .uv/bin/uv pip install --require-hashes \
      --python .venv-build/bin/python -r requirements/build.txt
RUN .venv-build/bin/python -c 'from hatchling.build import build_editable; build_editable("dist")'

FROM uv AS pipeline
RUN .uv/bin/uv venv .venv && .uv/bin/uv pip install --compile-bytecode --require-hashes \
      --python .venv/bin/python -r requirements/pipeline.txt
COPY --from=link /opt/churn/dist dist
RUN .uv/bin/uv pip install --no-deps --no-index --find-links dist --python .venv/bin/python \
      churn-nightly

FROM uv AS airflow
RUN .uv/bin/uv venv .venv-airflow && .uv/bin/uv pip install --compile-bytecode --require-hashes \
      --python .venv-airflow/bin/python -r requirements/airflow.txt

FROM uv AS alibi
RUN .uv/bin/uv venv .venv-alibi && .uv/bin/uv pip install --compile-bytecode --require-hashes \
      --python .venv-alibi/bin/python -r requirements/alibi.txt

FROM python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b
WORKDIR /opt/churn
RUN useradd --system --uid 10001 --home-dir /var/lib/churn churn \
    && install -d -o churn -g churn -m 0700 /var/lib/churn/airflow /var/lib/churn/logs \
      /var/lib/churn/mlflow/artifacts \
    && chown churn:churn /var/lib/churn /var/lib/churn/mlflow
COPY --from=pipeline /opt/churn/.venv .venv
COPY --from=airflow /opt/churn/.venv-airflow .venv-airflow
COPY --from=alibi /opt/churn/.venv-alibi .venv-alibi
COPY churn.toml pyproject.toml ./
COPY dags dags
COPY dbt_project dbt_project
COPY expectations expectations
COPY pipelines pipelines
COPY sql sql
ENV CHURN_HOME=/var/lib/churn \
    PATH=/opt/churn/.venv-airflow/bin:/opt/churn/.venv/bin:/usr/local/bin:/usr/bin:/bin
USER churn
