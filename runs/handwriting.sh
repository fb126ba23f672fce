#!/usr/bin/env bash
# From raw data to the checkpoint `handwriting`, in the way of the shipped one: fine-tuned from `math`, calibrated; and
# to the model that reads backwards for `math`.
#
#   runs/handwriting.sh DATA OUT        with the shards and the math checkpoint in OUT; or runs/math.sh makes them
#   runs/handwriting.sh --smoke OUT     every step, small, on made-up data
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python}
score="$python -m img2latex.evaluate"
data="$python -m img2latex.data"

if [[ ${1:-} == --smoke && $# == 2 ]]; then
    score="$score --limit 3"  # a model that has learnt nothing writes until it may not
    out=$2 raw=$2/data some=40
    train="$python train.py --minutes 0.05 --warmup-steps 5 --pool 64 --threads 1 --no-bf16 --workers 0 --device cpu"
    turned=
elif [[ $# == 2 && $1 != -* ]]; then
    raw=$1 out=$2 some=60000
    train="torchrun --nproc_per_node=2 train.py --threads 1 --local-seconds 25 --minutes 112 --learning-rate 4e-4"
    train="$train --batch-size 64 --batch-pixels 600000 --warmup-steps 150"
    turned="--minutes 52 --learning-rate 6e-4"
else
    sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
[[ -f $out/math/config.json ]] || runs/math.sh "$1" "$out"
held="$raw/math/formulas.tsv.gz $raw/biology/formulas.tsv.gz $(echo "$raw"/ink/crohme_test*.jsonl.gz)"
lists=$out/lists

$data.corpus "$raw"/math/formulas.tsv.gz --out "$lists/alike" --train "$some" \
    --like "$raw/ink/crohme_test2013.jsonl.gz" --held-out $held
$data.handwriting --ink "$raw/ink" --formulas "$lists"/{alike/math,rare/math,biology}/train.tsv \
    --out "$out/shards/handwriting" --held-out $held
$train --recipe handwriting --data-root "$out/shards" --val "$out/val/ink" --out "$out/runs/handwriting" \
    --init "$out/math" --freeze-stem --thickest-stroke 2.6
# A second model, which learns the labels backwards and helps to choose among candidates: first its decoder on the trunk of
# the other, then all but the stem, so that their errors are less alike.
$train $turned --recipe handwriting --data-root "$out/shards" --val "$out/val/ink" --out "$out/runs/turned" \
    --init "$out/runs/handwriting/last" --freeze-trunk --backwards
$train $turned --recipe handwriting --data-root "$out/shards" --val "$out/val/ink" --out "$out/runs/backwards" \
    --init "$out/runs/turned/last" --freeze-stem --backwards
$python -m img2latex.scoring.calibrate "$out/runs/handwriting/last" --backwards "$out/runs/backwards/last" \
    --shards "$out"/val/{math,biology} --handwritten "$out/val/ink" --out "$out/handwriting"
$score --shards "$out/val/ink" --checkpoint "$out/handwriting"

# Print in doubt is read in both directions too: the backwards model goes on with print, and becomes a part of `math`.
$train $turned --recipe math --data-root "$out/shards" --val "$out/val/math" --out "$out/runs/math-backwards" \
    --init "$out/runs/backwards/last" --freeze-stem --thickest-stroke 0 --backwards
$python -m img2latex.scoring.calibrate "$out/math" --backwards "$out/runs/math-backwards/last" \
    --shards "$out"/val/{math,biology,symbols,repeating,layouts} --handwritten "$out/val/ink" --out "$out/math"
echo "The checkpoints are in $out/handwriting and $out/math."
