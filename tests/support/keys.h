/* Private keys that were made for tests, and sign nothing else. */
#ifndef TEST_KEYS_H
#define TEST_KEYS_H

#define EC_PEM \
    "-----BEGIN PRIVATE KEY-----\n" \
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgVBPE0TRAuojhO7bh\n" \
    "MmHqbKyWukdnQOXLS2+KQ5ugsQOhRANCAASA0/zxYdvCjnM96jtNOrmInLlyYMel\n" \
    "zM5LNzbND6HW+xKeqv/xAxxlJdYeQLjRg7QqBeErPBZTVs3d8rqRQ5+l\n" \
    "-----END PRIVATE KEY-----\n"

#define EC_OTHER_PEM \
    "-----BEGIN PRIVATE KEY-----\n" \
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg4U4UOmeJs7+NhOTA\n" \
    "1ObgkSBh5cQTcbUj70ZIVwrjV1KhRANCAAQpohHENml1e1SSb60aw/b3BAqJ4idw\n" \
    "i/g7EQZdRXqwAJ/N4uaFwnKeGayGfvHSmDOkgmGH2s+ZaipUVVHystEq\n" \
    "-----END PRIVATE KEY-----\n"

#define RSA_PEM \
    "-----BEGIN PRIVATE KEY-----\n" \
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDNB79mwLBkUaJD\n" \
    "Gdn2k/iq0CPiUTsBSKoxRPQrOFVisja5UY6wA30Jm6zXA6gfngqecvikOHaNA1F7\n" \
    "zh1TmtjrB0vntthtynNR8iX3pmXnVh7U8h0w8RB+QujbeLU50GVyGAK6S91ftBcj\n" \
    "aKD2smRG9HrsaNZCG+9szNkh+AwKEwnIw2j1AuKXCvNYuyvulpHOYVnrXCTHNTWA\n" \
    "6x1zcxz+V2JRtqF0PC6odVSRPsd0mqpg3NMhTCNRyQ7Be/8gLvWoBt/GKAYfbqWV\n" \
    "D+YiT28REVH7pygrRzIRm64/aEjAsGDcGNkcGUEQoM7bk+A0+xEuUILEFjjWGP3f\n" \
    "nFYyJ/EfAgMBAAECggEACbXW8KcFmDPb2QzbYkDzh9t7cLwaI7q2Sn2k0jIOGlb2\n" \
    "HfbEcfQxe/W5FgHXnUaV45eA8SK2ThRBcGbqMYLBNmYXWlvo9+IvJN1nehJtRM/8\n" \
    "EGfIzm2VfIel2sKLL0o0+FY17AEaYoCuR0l1/iI2MeDzvEiZF3MEG3MtXN00teg1\n" \
    "GtDlVfl8mv95fK7hjtpZzNzLX+neIq0KPS56iTa1errrHm0BDKVLxnaxEx0j3l7T\n" \
    "xZ4H7Dz7dEiKLtVnHBlzlUu+fWH/FQ+sV075cEAM3KAzorpggfDN83iiNNImWhBc\n" \
    "iY8bvDd80dRbY0Y7xLcSCmnRkBMu+nOumIae3qPH0QKBgQD97NWSwKwd/DZXuhRe\n" \
    "iJIkik/q8TiQzpRt9vzjE7Z1Jo7D360WxJaKQr2STG4g3sDg6eoTH44OrtkWAALy\n" \
    "GBh8GZCXSS1NAWrpaDc3C20kdy0/hqPWZbi8oY+6UOgkFviDj7jPm6xJU+LF/xh8\n" \
    "XlCcFJfxZSI/bCnNoYQG+AVQ+QKBgQDOtKJVUFNNnqc6gaviYbNbIG+IfKV3Dx5I\n" \
    "XOu924ctIGPzBBV8RQKDV+3U8s1pdl6EiQb1sIh1vQNBtMsrGDsS+YPc0gJtCEvA\n" \
    "mFwmtgy/H0a0vokCNo+cTykSFMO5wPojk4Aby/gL1fRJh+cOPgwzxfhiXgH9u5SK\n" \
    "ifHyuWRw1wKBgDnJ45VBeipc0vVGKQqWpEPiomuCuG/kQ81+73CydMzWmJklV5wd\n" \
    "43DV3ZTlBg8/AsBtG9N8U/Utf8RM/l6gczoTC2ASzFeBIha6nA5P8GfjI44Yk0Lg\n" \
    "5ZkwX6h0b1B/VdGDLPk6oYwSpkKPWsA7KrdKzIWokZHDiQP+ZTC802DpAoGAAfil\n" \
    "B61Bbh8SNzOfYQRPgpH3nlSZ+12wiz4fnWrnih2h9mJWlh3OXVRMV1iNbvELC7aG\n" \
    "03cAhibsTgccXOfZQGASyttR3JpUppyNXG0mB/iTYwviIJxGmFYE7UA3caEOgaJZ\n" \
    "eWpjjjFXKBBcur0Kvr+nk8CTwki0rPGN1iPAencCgYEAr+xw+bmWrBIqqt5Pt1NQ\n" \
    "jKx/Ze6jMKjJJnEukC8QdwZKYvzk7APkP6poZB+YKsxa+AIb8HCJLYQP/42GItdl\n" \
    "sdVqvMDbHt2dkkDd2J4J9pYrdJlIC24SYEbh0OLhaImOweVR4qWQ/2gxR6AgzDJa\n" \
    "OOqbtKow4RXURxh0h1GRWSQ=\n" \
    "-----END PRIVATE KEY-----\n"

#define ED_PEM \
    "-----BEGIN PRIVATE KEY-----\n" \
    "MC4CAQAwBQYDK2VwBCIEIJLrw3UecUshNaKjVR/A/N/g3cq5Uc2NScBKyvD74f5B\n" \
    "-----END PRIVATE KEY-----\n"

#define EC_SEC1_PEM \
    "-----BEGIN EC PRIVATE KEY-----\n" \
    "MHcCAQEEIFQTxNE0QLqI4Tu24TJh6myslrpHZ0Dly0tvikOboLEDoAoGCCqGSM49\n" \
    "AwEHoUQDQgAEgNP88WHbwo5zPeo7TTq5iJy5cmDHpczOSzc2zQ+h1vsSnqr/8QMc\n" \
    "ZSXWHkC40YO0KgXhKzwWU1bN3fK6kUOfpQ==\n" \
    "-----END EC PRIVATE KEY-----\n"

#define EC_ENCRYPTED_PEM \
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n" \
    "MIH0MF8GCSqGSIb3DQEFDTBSMDEGCSqGSIb3DQEFDDAkBBDECMR50FO3oEoOCXlw\n" \
    "G6LLAgIIADAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQDTIVUJ6NeRHQbdzB\n" \
    "yb9nKgSBkDjyGmu+DnTKgRlFZdxFIp9fnPAEcs/dA24t5vZiZgmIn0jQP26unIPJ\n" \
    "3M2xRRkPzo4yW9SGfvPrjgryY4oryNQwwZ4ytV/YhURw3U00InynQldnzhfyX+Iw\n" \
    "awNhf8vUIdXYTpMQlSIKZvLul8UqKTulsjfaEHt5k2ksdW6OiTKJvTDMJ2z4MSq5\n" \
    "Hv01uug1NA==\n" \
    "-----END ENCRYPTED PRIVATE KEY-----\n"

#define EC_PUBLIC_PEM \
    "-----BEGIN PUBLIC KEY-----\n" \
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgNP88WHbwo5zPeo7TTq5iJy5cmDH\n" \
    "pczOSzc2zQ+h1vsSnqr/8QMcZSXWHkC40YO0KgXhKzwWU1bN3fK6kUOfpQ==\n" \
    "-----END PUBLIC KEY-----\n"

#define RSA_SMALL_PEM \
    "-----BEGIN PRIVATE KEY-----\n" \
    "MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBAMZXtPr/YYhdS1fn\n" \
    "DMxK0v2JWXEjmzsCnKILLAMArLZgUzJViFnC4aG+tbelGSLwhkb4e/z2j7Pt+VDk\n" \
    "AMEU7zA9rU0/iVA6quNtNo8iblpCRzfR3CfdHKX0DqG2U2ta0wFy8VPqTx7+ePw3\n" \
    "TY7gXwP8aXHUdQjGcMw0qpvOS1ufAgMBAAECgYBJZM0gj/3MUxF9Po86zXlTvk5t\n" \
    "kkpvxKCnSdEIb2h5uB0xI/tnk7igfIyLnzk096IIgwyGZ8p3P1kheK1axV9YaMX+\n" \
    "4zLJrHRWa/LZ7SkGl/ytYw8sRUOXre+3cG0Q7SoQfZq8KbUSrZAAL+lEhMcZo98s\n" \
    "2Z0rNVJV82xJQhQg2QJBAOH3Z71ih0iKliQzSin5RkE4+c6jmDk/EAztX94JghIV\n" \
    "kaz9tJN+TqQXvJnEwagkv1XdiVSvNrkhhNpsjtOEqvMCQQDgtGP7ITZsGozPToQL\n" \
    "SkvTVWXoUVKWrqcq1WgOmx3tAZIFcfkKplTWiRcqKP+9z4TP1YJpZKxO49hAF44s\n" \
    "g1+lAkEAjRQfM9GRLww/gyh2lFAqucvtw0LGZm9mAPwvD3yWNd47jmrz0+ZXCQI8\n" \
    "4TBDzEvtHZnsBPBD1UAFJy4B2jOJWwJAdnF/thMWrbr8+BVJ8u2RtG7yTZf4MacU\n" \
    "RLbCp9hJ2PEX+DjQbjWoyIDwre94hqPJPQgtOsKvNNJS3c3MylfhZQJBAL2OB9zB\n" \
    "yxUekAavZK+BVI+rgxCOYaEchUWPkO+ebV2euDeDHV2IP1tuj9Ojfr8NgQzt01DZ\n" \
    "RLxVdzjPD0eiU5w=\n" \
    "-----END PRIVATE KEY-----\n"

#define RSA_EXPONENT_3_PEM \
    "-----BEGIN PRIVATE KEY-----\n" \
    "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDhR3C+SkRTCgBx\n" \
    "DYryMDqS6dq7D0v7vQLC+Vt5keOKAosqImAJgnETmbDbGeeLdaCfrS2IL9zLDCbI\n" \
    "xp9/uSM1NCQ+NULQO4LKEaLy0QoP1IX0fb+JJu3Rsvji5WEjPBiQMAWEhGdqaHGD\n" \
    "eDJDSZnJJ+5rXaLXcOq+TD31ztGQRYz3VhOsv2JHRuDr/bcKZx2taSivWHIXCCrB\n" \
    "C2lSWfX5yZHBnExrr2gyoSNzKZKTyTNELfQ3lUyQOB/lo+fn5ojB3S+R4fJErl4l\n" \
    "AepsScTIAFOEi9TqGoENujLIpBiIMi39BVDJ5Q9/lemJOh7xa1tzjP7BMxogmL3d\n" \
    "2hJQm+pRAgEDAoIBAQCWL6B+3C2MsVWgs7H2ytG3RpHSCjKn01cspjz7tpexVwdx\n" \
    "bEAGVvYNESCSEUUHo8Bqc3OwH+iHXW8whGpVJhd4zW1+ziyK0lcxYRdMi1wKja6i\n" \
    "/n+wxJ6LzKXsmOts0rsKyq5YWETxmvZXpXbXhmaGGp7yPmyPoJx+3X6j3zZgLR2x\n" \
    "QN6hH0mAAzBVaS3RZcQHnmZAl0KthUKTY+KNOdIKCb0D0RDRYfW6GvklJE7Mt/N/\n" \
    "wCy6GAQSIu9yYbxr7RCEFwd+xgbYUgSqeE6gfDQWi/NsLUzzJmvmTDNdgJtDXe4f\n" \
    "RzFRsPIAm+hJc0aVVAjOcWQPblDUXAxz/LcvoHBDAoGBAPXNImeK4CjaM67hx3cK\n" \
    "eyRxAOizarlgAyNZOFoXoO7f/pgUid7w1/iFejtmHhdylTjuSW52q9tipnv7irbf\n" \
    "ptSVEQaKqtIKipfJRr7ftFlSv/C9CxTYUkpniPAiBNDfcaYZD5XyOCa48fkRCO0f\n" \
    "wy40wnGhq2ZJWdgkKd6f6IXXAoGBAOqgUl4wMEstDmmKGHtF01Mw+qabCtSyvSOK\n" \
    "vTtm4kwKvF4nWNRAxH8V/nJVVQTuIA0WREKpxWsSXTy+hpZmXBtmqZ3JDhX1qL9c\n" \
    "BrWb2x1TbnWlPMylDpTMvvWaXl7Ds6K1CvDdI33FuhQKBEfxqiAJIHcIYjqYtNML\n" \
    "tSDpQrwXAoGBAKPeFu+x6sXmzR9BL6Sxp22gq0XM8dDqrMI7eua6a0nqqbq4W+n1\n" \
    "5VBY/CeZaWT3DiX0MPRPHTzsbv1SXHnqbzhjYK8HHIwHBw/bhH8/zZDh1Usosg3l\n" \
    "jDGaW0rBWIs/oRlmCmP20BnQoVC2BfNqgh7N1vZrx5mGO+VtcT8VRa6PAoGBAJxq\n" \
    "4ZQgIDIeCZuxZaeD4jd1/G8SBzh3KMJcfieZ7DKx0ulvkI2Agv9j/vbjjgNJarNk\n" \
    "LYHGg5y26NMprw7u6BJEcRPbXrlOcH+SryO9PL43nvkY0zMYtGMzKfkRlD8tImx4\n" \
    "sfXowlPZJrgGrYVLxsAGFaSwQXxlzeIHzhXw1ygPAoGBANsSP6jNfU4KmKj9qdMx\n" \
    "qh1PFBS1yMOqiyqPEmmsPJRQwyLJlsGEKB6Pft4Q3yKNzfRABNbON4ViGErlUxIi\n" \
    "7Z/75VjjwQqUkWTOT4YGScH/RvPdxpSGqgDI3iTclb/UdbflciwTqe/J9yRu+QyB\n" \
    "9pdTwoxN16B0yhO/fSNTPFbn\n" \
    "-----END PRIVATE KEY-----\n"

#define P384_PEM \
    "-----BEGIN PRIVATE KEY-----\n" \
    "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDDmXo2in5nH4JOLVUQI\n" \
    "VhRKzIQx6acxsImbr+utvFWI9Sp02JTAoADurk3JyUzT8xehZANiAARe/yS31Dmo\n" \
    "bEAnANSxTeQevsh3f4zaXX+0Jy+bOuD9BzcHxAEpcg78j+MQ5FnCtZpCfSSchH0z\n" \
    "JHPFFf6Ls9e/3PKPcDjngINI8kVe0OjcG/PkHAZZPQCaz3FBwGRJx/0=\n" \
    "-----END PRIVATE KEY-----\n"

#define K256_PEM \
    "-----BEGIN PRIVATE KEY-----\n" \
    "MIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQgc/FBWu8u3wHeGSZR/j6U\n" \
    "tWGMHS2hjntSRn3zc6AcrouhRANCAASp25yiEXRpEn3QamVlXbtdjRc6WVUwjYUO\n" \
    "i985KAm/2MF/F4cwgm2CgDOURTm6F9E+nFD+CqbnrYkVOBuAhwoI\n" \
    "-----END PRIVATE KEY-----\n"

#define EC_MIXED_PEM \
    "-----BEGIN PRIVATE KEY-----\n" \
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgVBPE0TRAuojhO7bh\n" \
    "MmHqbKyWukdnQOXLS2+KQ5ugsQOhRANCAAQpohHENml1e1SSb60aw/b3BAqJ4idw\n" \
    "i/g7EQZdRXqwAJ/N4uaFwnKeGayGfvHSmDOkgmGH2s+ZaipUVVHystEq\n" \
    "-----END PRIVATE KEY-----\n"

#endif
