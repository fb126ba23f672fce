# The app for hosting it yourself: on the CPU, with the weights inside.
#
#   docker build -t img2latex .
#   docker run --rm -p 7860:7860 img2latex        # then open http://localhost:7860

FROM python:3.12-slim AS packages
ENV VIRTUAL_ENV=/venv UV_NO_CACHE=1
COPY requirements-lock.txt /
RUN pip install --no-cache-dir uv==0.13.9 \
    && uv venv /venv \
    && uv pip install --no-deps -r /requirements-lock.txt

FROM python:3.12-slim
RUN useradd --create-home --uid 1000 reader
COPY --from=packages /venv /venv
WORKDIR /app
# .dockerignore lets through what the app needs, and nothing else.
COPY . .
USER 1000
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:7860/', timeout=9)"]
CMD ["python", "app.py", "--host", "0.0.0.0", "--port", "7860"]
